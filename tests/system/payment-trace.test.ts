import { io, type Socket } from 'socket.io-client';
import { createLogger } from '../../broker/process/logger.ts';
import { startTracing } from '../../broker/telemetry/opentelemetry.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { realtime, SOCKET_PATH, type SocketMessage } from '../../shared/contracts/realtime.ts';
import type { Payment } from '../../shared/contracts/payments.ts';
import { startWorld, type World } from '../security/world.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts';

let receiver: OtlpReceiver;
let stopTracing: () => Promise<void>;
let world: World;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  const log = createLogger({ level: 'silent' });
  stopTracing = startTracing({
    service: 'payloom',
    replica: '1',
    url: receiver.url,
    headers: {},
    sampling: 1,
    log,
  });
  world = await startWorld();
}, 120_000);
afterAll(async () => {
  await world.services.stop();
  await stopTracing();
  await receiver.close();
}, 30_000);

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
/** As a page begins a trace: without a span, and without a say in whether it is exported. */
const FROM_PAGE = `00-${TRACE}-${TRACE.slice(16)}-00`;

/** The socket of the other party's page, and what arrives on it. */
const openSocket = async (token: string): Promise<{ socket: Socket; messages: SocketMessage[] }> => {
  const answer = await world.ask('POST /api/realtime/tickets', { token, json: {} });
  const { ticket } = (await answer.json()) as { ticket: string };
  const messages: SocketMessage[] = [];
  const socket = io(world.origin, { path: SOCKET_PATH, transports: ['websocket'], auth: { ticket } });
  socket.on('message', (message: SocketMessage) => messages.push(message));
  await new Promise((welcomed) => socket.once('welcome', welcomed));
  return { socket, messages };
};

const pay = async (): Promise<Payment> => {
  const order = { payee: { email: world.payee.email }, amountMinor: 4_711, currency: 'EUR' };
  const answer = await world.ask('POST /api/payments', {
    token: world.payer.accessToken,
    headers: { 'idempotency-key': 'traced', traceparent: FROM_PAGE, baggage: 'email=someone@example.com' },
    json: { ...order, paymentMethod: 'pm_card_visa' },
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Payment;
};

const spansNamed = (name: string): ReceivedSpan[] =>
  receiver.spans.filter((span) => span.traceId === TRACE && span.name === name);

/** The names of a span and of those around it, up to the first one of the trace. */
const pathOf = ({ parentSpanId, name }: ReceivedSpan): string[] => {
  const parent = receiver.spans.find((span) => span.traceId === TRACE && span.spanId === parentSpanId);
  // A span without its parent would end the path with what it lacks.
  if (!parent) return parentSpanId ? [`(${parentSpanId})`, name] : [name];
  return [...pathOf(parent), name];
};

const CREATE = ['POST /api/payments', 'call payments.create', 'payments.create'];
const CHARGE = [...CREATE, 'payments charge'];
const TO_PAYEE = [
  'publish payments.completed',
  'handle payments.completed',
  `send ${realtime.messages.paymentChanged.name}`,
];

it('a payment is one trace, from the click to the page of the other party', async () => {
  const { socket, messages } = await openSocket(world.payee.accessToken);
  const { id } = await pay();
  const completed = await eventually(() => {
    const found = messages.find(
      ({ name, payload }) =>
        name === realtime.messages.paymentChanged.name &&
        (payload as { id: string; status: string }).id === id &&
        (payload as { status: string }).status === 'completed',
    );
    return found ?? null;
  }, 20_000);
  socket.close();
  // What a client gets does not say that the trace is exported.
  expect(completed.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  const read = await world.ask(`GET /api/payments/${id}`, {
    token: world.payee.accessToken,
    headers: { traceparent: completed.traceparent ?? '' },
  });
  expect(read.status).toBe(200);

  const end = [...CHARGE, ...TO_PAYEE, 'GET /api/payments/:id', 'call payments.get', 'payments.get'];
  await eventually(() => expect(spansNamed('payments.get').map(pathOf)).toEqual([end]), 20_000);
  for (const name of ['processor authorize', 'processor capture'])
    expect(spansNamed(name).map(pathOf)).toEqual([[...CHARGE, name]]);
  const webhooks = spansNamed('processor webhook');
  expect(webhooks.length).toBeGreaterThan(0);
  for (const webhook of webhooks) {
    expect(pathOf(webhook)).toEqual([...CREATE, 'processor webhook']);
    const own = receiver.spans.find(({ spanId }) => spanId === webhook.links[0]?.spanId);
    expect(own?.name).toBe('payments.processorWebhook');
  }
  expect(pathOf(spansNamed('sql insert idempotency_keys')[0]!)).toEqual([
    ...CREATE,
    'sql insert idempotency_keys',
  ]);
}, 60_000);

it('each span begins after its parent; those that are waited for end before it', () => {
  const all = receiver.spans.filter(({ traceId }) => traceId === TRACE);
  const byId = new Map(all.map((span) => [span.spanId, span]));
  // The library begins a span by a clock that it reads to a millisecond.
  const laterMs = 2;
  for (const span of all) {
    const parent = byId.get(span.parentSpanId ?? '');
    expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
    if (!parent) continue;
    expect(span.startMs).toBeGreaterThanOrEqual(parent.startMs - laterMs);
    const isWaitedFor = /^(call|sql|transaction|processor (authorize|capture))/.test(span.name);
    if (isWaitedFor) expect(span.endMs).toBeLessThanOrEqual(parent.endMs + laterMs);
  }
  expect(all.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name)).toEqual([CREATE[0]]);
});

it('a batch of the relay is a trace of its own, linked to those of its events', () => {
  const [published] = spansNamed('publish payments.completed');
  const batches = receiver.spans.filter(
    ({ name, links }) =>
      name === 'relay payments' && links.some(({ spanId }) => spanId === published?.spanId),
  );
  expect(batches).toHaveLength(1);
  expect(batches[0]?.traceId).not.toBe(TRACE);
  expect(batches[0]?.parentSpanId ?? '').toBe('');
});
