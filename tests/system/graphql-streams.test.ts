import { createClient, type Client } from 'graphql-ws';
import { register } from 'prom-client';
import { WebSocket } from 'ws';
import { eventually } from '../../broker/testing/eventually.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { startWorld, type Person, type World } from '../security/world.ts';
import { readEvents, type SentEvent } from './server-sent-events.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world?.services.stop());

type Event = {
  seq: number;
  reread: boolean;
  change: { id: string; status: string; payment?: object } | null;
};
type Sent = { type: string; id: string | null; event: Event | null; code: string | null };

const QUERY = `subscription ($after: SafeInteger) {
  realtimePaymentChanged(after: $after) {
    seq reread change { id status payment { id amountMinor timeline { status } } }
  }
}`;

const read = ({ type, id, data }: SentEvent): Sent => {
  const body = JSON.parse(data || 'null') as {
    data?: { realtimePaymentChanged: Event };
    errors?: { extensions: { code: string } }[];
  } | null;
  const [error] = body?.errors ?? [];
  return {
    type,
    id,
    event: body?.data?.realtimePaymentChanged ?? null,
    code: error?.extensions.code ?? null,
  };
};

/** Subscribes as a client that reads server-sent events; `next` reads one, comments aside. */
const subscribe = async (person: Person, variables: object = {}, more: Record<string, string> = {}) => {
  const response = await world.ask('POST /api/graphql', {
    token: person.accessToken,
    json: { query: QUERY, variables },
    headers: { accept: 'text/event-stream', ...more },
  });
  const { next, stop } = readEvents(response);
  return { response, next: async () => read(await next()), stop };
};

const pay = () =>
  world.services.call(
    payments.actions.create,
    {
      payee: { email: world.payee.email },
      amountMinor: 777,
      currency: 'EUR',
      paymentMethod: 'pm_card_visa',
    },
    { as: world.payer.caller, idempotencyKey: `stream-${performance.now()}` },
  );

test('a payment is seen moving, and a stream continues where it was left', async () => {
  const { response, next, stop } = await subscribe(world.payee);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ]);
  const begin = await next();
  expect(begin).toMatchObject({ type: 'next', event: { reread: false, change: null } });
  const { id } = await pay();
  const events: Sent[] = [];
  while (events.at(-1)?.event?.change?.status !== 'completed') {
    const sent = await next();
    if (sent.event?.change?.id === id) events.push(sent);
  }
  const statuses = ['pending', 'processing', 'completed'];
  expect(events.map(({ event }) => event?.change?.status)).toEqual(statuses);
  expect(events.at(-1)?.event?.change?.payment).toEqual({
    id,
    amountMinor: 777,
    timeline: statuses.map((status) => ({ status })),
  });
  expect(events.map((sent) => Number(sent.id))).toEqual(events.map(({ event }) => event?.seq));
  await stop();

  const after = events[0]!.event!.seq;
  const again = [
    await subscribe(world.payee, { after }),
    await subscribe(world.payee, {}, { 'last-event-id': `${after}` }),
  ];
  for (const stream of again) {
    expect((await stream.next()).event).toEqual({ seq: after, reread: false, change: null });
    expect((await stream.next()).event).toMatchObject({ change: { id, status: 'processing' } });
    expect((await stream.next()).event).toMatchObject({ change: { id, status: 'completed' } });
    await stream.stop();
  }
});

test('a stream ends with its session', async () => {
  const person = await world.signIn(world.payee.email);
  const { next } = await subscribe(person);
  await next();
  await world.services.call(auth.actions.endSession, { id: person.caller.sessionId }, { as: person.caller });
  expect(await next()).toMatchObject({ type: 'next', event: null, code: 'session_ended' });
  expect((await next()).type).toBe('complete');
  await expect(next()).rejects.toThrow('the stream has ended');
  const refused = await subscribe(person);
  expect(refused.response.status).toBe(401);
  await refused.stop();
});

test('a stream is refused before it begins', async () => {
  const sent = { json: { query: QUERY }, headers: { accept: 'text/event-stream' } };
  expect((await world.ask('POST /api/graphql', sent)).status).toBe(401);
  const token = world.payee.accessToken;
  const json = await (await world.ask('POST /api/graphql', { token, json: { query: QUERY } })).json();
  expect(json).toMatchObject({ errors: [{ extensions: { code: 'bad_request' } }] });
  const wrong = { query: QUERY, variables: { after: -1 } };
  const refused = await world.ask('POST /api/graphql', { ...sent, token, json: wrong });
  expect([refused.status, await refused.json()]).toEqual([
    422,
    expect.objectContaining({ code: 'invalid_params', errors: [expect.objectContaining({ path: 'after' })] }),
  ]);
});

describe('over a WebSocket', () => {
  const clients: Client[] = [];
  const connect = (person: Person | null, origin?: string): Client => {
    class Socket extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol, { ...(origin !== undefined && { origin }) });
      }
    }
    const client = createClient({
      url: `${world.origin.replace('http', 'ws').replace('localhost', '127.0.0.1')}/api/graphql`,
      webSocketImpl: Socket,
      retryAttempts: 0,
      connectionParams: person === null ? {} : { authorization: `Bearer ${person.accessToken}` },
    });
    clients.push(client);
    return client;
  };
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.dispose())));

  type Answer = { data?: { realtimePaymentChanged: Event }; errors?: { extensions: { code: string } }[] };
  const iterate = (client: Client, query = QUERY, variables: Record<string, unknown> = {}) =>
    client.iterate({ query, variables }) as AsyncIterableIterator<Answer>;

  test('a payment is seen moving, beside queries over the same socket', async () => {
    const client = connect(world.payer);
    const events = iterate(client);
    expect((await events.next()).value).toMatchObject({
      data: { realtimePaymentChanged: { change: null } },
    });
    const { id } = await pay();
    const statuses: string[] = [];
    while (statuses.at(-1) !== 'completed') {
      const { data } = (await events.next()).value as Answer;
      if (data?.realtimePaymentChanged.change?.id === id)
        statuses.push(data.realtimePaymentChanged.change.status);
    }
    expect(statuses).toEqual(['pending', 'processing', 'completed']);
    const me = iterate(client, '{ authMe { id } }');
    expect((await me.next()).value).toEqual({ data: { authMe: { id: world.payer.caller.userId } } });
    await events.return?.();
  });

  test('a stream ends with its session', async () => {
    const person = await world.signIn(world.payee.email);
    const client = connect(person);
    const events = iterate(client);
    await events.next();
    await world.services.call(
      auth.actions.endSession,
      { id: person.caller.sessionId },
      { as: person.caller },
    );
    expect(((await events.next()).value as Answer).errors?.[0]?.extensions.code).toBe('session_ended');
    expect((await events.next()).done).toBe(true);
    const again = iterate(client, '{ authMe { id } }');
    expect(((await again.next()).value as Answer).errors?.[0]?.extensions.code).toBe('session_ended');
  });

  test('what is refused says why', async () => {
    const nobody = iterate(connect(null));
    expect(((await nobody.next()).value as Answer).errors?.[0]?.extensions.code).toBe('unauthenticated');
    await expect(iterate(connect(world.payer), '{ nothing }').next()).rejects.toMatchObject([
      { extensions: { code: 'bad_request' } },
    ]);
    await expect(iterate(connect(world.payer, 'https://evil.example')).next()).rejects.toBeDefined();
  });
});

test('what nobody reads any more is closed at the realtime service', async () => {
  await eventually(async () => {
    const metric = await register.getSingleMetric('payloom_sockets')?.get();
    return metric !== undefined && metric.values.every(({ value }) => value === 0);
  }, 10_000);
});
