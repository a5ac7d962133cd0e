import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import type { Caller } from '../calls/envelope.ts';
import { inTrace } from '../calls/request-context.ts';
import { AppError } from '../calls/errors.ts';
import { newId } from '../process/ids.ts';
import { eventually } from '../testing/eventually.ts';
import { fakeService } from '../testing/fake-service.ts';
import { startServices, type TestServices } from '../testing/start-services.ts';
import { startSentry } from './sentry.ts';

type Report = {
  tags: Record<string, string>;
  user?: object;
  release: string;
  environment: string;
  contexts: { trace: { trace_id: string } };
  exception: { values: { type: string; value: string; stacktrace: { frames: object[] } }[] };
};

const action = {
  summary: 'Do something',
  permission: 'signed-in',
  params: z.object({ note: z.optional(z.string()) }),
  result: z.object({}),
  errors: ['payment_not_found'],
  idempotent: 'read',
} as const;
const shop = contract('shop', { actions: { break: action, outer: action, refuse: action }, events: {} });
const ada: Caller = { userId: newId('user', 1), sessionId: newId('session', 1), role: 'CUSTOMER' };
const SECRETS = [
  'ada@example.com',
  '4242 4242 4242 4242',
  'Engineer-Secret-Note',
  's'.repeat(40),
  ada.sessionId,
];
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

const service = fakeService(shop, {
  break: async (_service, { params }) => {
    const local = params.note;
    throw new Error(`no row for ada@example.com with ${'s'.repeat(40)}`, {
      cause: new Error(`card 4242 4242 4242 4242 of ${local?.length ?? 0}`),
    });
  },
  outer: (_service, call) => call.call(shop.actions.break, call.params),
  refuse: async () => {
    throw new AppError('payment_not_found');
  },
});

let server: Server;
let dsn: string;
const bodies: string[] = [];
/** The events among all that was received. */
const reports = (): Report[] =>
  bodies.flatMap((body) => {
    const lines = body.split('\n').filter(Boolean);
    return lines.flatMap((line, index) =>
      line.startsWith('{"type":"event"') ? [JSON.parse(lines[index + 1] ?? '{}') as Report] : [],
    );
  });

let app: TestServices;
let stop: () => Promise<void>;
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const bytes = Buffer.concat(await request.toArray());
    bodies.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString());
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  dsn = `http://key@127.0.0.1:${(server.address() as AddressInfo).port}/1`;
  stop = startSentry({ dsn, release: 'payloom@1.2.3', environment: 'test', services: 'shop' });
  app = await startServices([service]);
});
afterAll(async () => {
  await app.stop();
  await stop();
  server.close();
});
beforeEach(() => void bodies.splice(0));

const ask = (one: (typeof shop.actions)[keyof typeof shop.actions]) =>
  inTrace({ traceId, spanId: null, sampled: false }, () =>
    app.call(one, { note: 'Engineer-Secret-Note' }, { as: ada, requestId: 'req-1' }).catch(() => {}),
  );

it('a defect of an action arrives once, with release, service, action, request, trace and user', async () => {
  await ask(shop.actions.break);
  await eventually(() => reports().length > 0);
  const [report] = reports();
  expect(report).toMatchObject({
    release: 'payloom@1.2.3',
    environment: 'test',
    tags: { service: 'shop', action: 'shop.break', request_id: 'req-1' },
    user: { id: ada.userId },
    contexts: { trace: { trace_id: traceId } },
  });
  expect(report?.user).toEqual({ id: ada.userId });
  expect(report?.exception.values.at(-1)).toMatchObject({
    type: 'Error',
    value: 'no row for [removed] with [removed]',
  });
});

it('one that passes through two actions arrives once, and what is expected never', async () => {
  await ask(shop.actions.refuse);
  await ask(shop.actions.outer);
  await eventually(() => reports().length > 0);
  await stop();
  stop = startSentry({ dsn, release: 'payloom@1.2.3', environment: 'test', services: 'shop' });
  expect(reports().map(({ tags }) => tags['action'])).toEqual(['shop.break']);
});

it('nothing of what was used is in any envelope', async () => {
  await ask(shop.actions.break);
  await eventually(() => reports().length > 0);
  for (const secret of SECRETS) expect(bodies.join('\n')).not.toContain(secret);
});

it('a rejection that nobody handles arrives once, and ends the process', async () => {
  const script = `
    const { startSentry } = await import(${JSON.stringify(join(import.meta.dirname, 'sentry.ts'))});
    startSentry({ dsn: ${JSON.stringify(dsn)}, release: 'r', environment: 'test', services: 'shop' });
    Promise.reject(new Error('nobody handles this'));
    setInterval(() => {}, 1000);`;
  const child = execFile(process.execPath, ['--input-type=module', '-e', script]);
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(1);
  expect(reports().map(({ exception }) => exception.values.at(-1)?.value)).toEqual(['nobody handles this']);
});
