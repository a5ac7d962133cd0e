import { io, type Socket } from 'socket.io-client';
import { eventually } from '../../../broker/testing/eventually.ts';
import { newId } from '../../../broker/process/ids.ts';
import { SOCKET_CALLER_HEADER, SOCKET_PATH } from '../../../shared/contracts/realtime.ts';
import { FORGERIES } from '../testing/forgeries.ts';
import { fakeRealtime, type FakeRealtime } from '../testing/fake-realtime.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

const ENDED = newId('session', Date.now());
const TRANSPORTS = ['websocket', 'polling'] as const;
type Transport = (typeof TRANSPORTS)[number];

let realtime: FakeRealtime;
let gateway: TestGateway;
const sockets: Socket[] = [];
beforeAll(async () => {
  realtime = await fakeRealtime();
  gateway = await startGateway({ ended: [ENDED], others: [realtime.definition] });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(async () => {
  await gateway.services.stop();
  await realtime.stop();
});

const cookieOf = (token: string, { cookie } = gateway) =>
  `${cookie('access', token)}; ${cookie('refresh', 'secret')}`;

/** Opens a socket with these headers; returns `open`, or the status or error of the refusal. */
const open = async (
  transport: Transport,
  headers: Record<string, string>,
  to = gateway,
): Promise<'open' | number | string> => {
  const socket = io(`http://127.0.0.1:${to.port}`, {
    path: SOCKET_PATH,
    transports: [transport],
    extraHeaders: headers,
    reconnection: false,
    forceNew: true,
  });
  sockets.push(socket);
  return new Promise((resolve) => {
    socket.on('message', () => resolve('open'));
    socket.on('connect_error', (error) => {
      const { context, description } = error as { context?: { statusCode?: number }; description?: unknown };
      const status = /Unexpected server response: (\d+)/.exec(
        String((description as { message?: string } | undefined)?.message),
      )?.[1];
      resolve(
        status ? Number(status) : typeof description === 'number' ? description : String(context ?? error),
      );
    });
  });
};

describe.each(TRANSPORTS)('a socket over %s', (transport) => {
  const ours = () => ({ origin: gateway.origin });

  test('is forwarded with a signed assertion of its caller, and without credentials', async () => {
    const sid = newId('session', Date.now());
    const cookie = cookieOf(await gateway.sign({ sid, ver: 4 }));
    const forged = { [SOCKET_CALLER_HEADER]: 'me', authorization: 'Bearer x' };
    expect(await open(transport, { ...ours(), ...forged, cookie, 'user-agent': 'tests' })).toBe('open');
    const { headers, assertion } = realtime.last()!;
    expect(assertion.envelope).toMatchObject({
      caller: { sessionId: sid, role: 'CUSTOMER' },
      address: '127.0.0.1',
      userAgent: 'tests',
    });
    expect(assertion.params).toMatchObject({ version: 4, expiresAtMs: expect.any(Number) });
    expect([headers.cookie, headers.authorization]).toEqual([undefined, undefined]);
  });

  test('without cookies is forwarded without a caller', async () => {
    expect(await open(transport, { [SOCKET_CALLER_HEADER]: 'me' })).toBe('open');
    expect(realtime.last()?.assertion.envelope.caller).toBeNull();
  });

  test.each([
    ['a foreign page', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['our host on another port', { origin: 'http://localhost:1' }],
    ['a client with cookies that names no page', {}],
  ])('is refused to %s', async (_who, headers) => {
    const cookie = cookieOf(await gateway.sign());
    expect(await open(transport, { ...headers, cookie } as Record<string, string>)).toBe(403);
  });

  test('is refused with two access cookies, and without one of its own', async () => {
    const own = gateway.cookie('access', await gateway.sign());
    const planted = gateway.cookie('access', 'planted');
    expect(await open(transport, { ...ours(), cookie: `${own}; ${planted}` })).toBe(400);
    expect(await open(transport, { ...ours(), cookie: `x=1 ${own}` })).toBe('open');
    expect(realtime.last()?.assertion.envelope.caller).toBeNull();
  });

  // An empty cookie counts as none, and node:http refuses a header of eight thousand characters itself.
  const presented = FORGERIES.filter(([name]) => !/no token at all|too long/.test(name));
  test.each(presented)('is refused with a forged token: %s', async (_name, make) => {
    expect(await open(transport, { ...ours(), cookie: cookieOf(await make(gateway, ENDED)) })).toBe(401);
  });
});

test('an id of an unknown process is refused, so that the client opens a new socket', async () => {
  const reply = await gateway.ask(`GET ${SOCKET_PATH}/?EIO=4&transport=polling&sid=abc.1`);
  expect([reply.status, reply.problem().code]).toEqual([400, 'bad_request']);
});

test('an address may open 240 sockets a minute without cookies, counted apart from those with', async () => {
  const service = await fakeRealtime();
  const limited = await startGateway({ others: [service.definition] });
  try {
    const handshake = () => limited.ask(`GET ${SOCKET_PATH}/?EIO=4&transport=polling`);
    const statuses: number[] = [];
    for (let round = 0; round < 25; round++) {
      const replies = await Promise.all(Array.from({ length: 10 }, handshake));
      statuses.push(...replies.map(({ status }) => status));
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(240);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    const cookie = cookieOf(await limited.sign(), limited);
    expect(await open('polling', { origin: limited.origin, cookie }, limited)).toBe('open');
  } finally {
    await limited.services.stop();
    await service.stop();
  }
});

test('sockets that wait too long for their turn get 503, and are not forwarded afterwards', async () => {
  const service = await fakeRealtime({ handshakeMs: 60_000 });
  const stuck = await startGateway({ others: [service.definition] });
  try {
    const all = await Promise.all(Array.from({ length: 40 }, () => open('websocket', {}, stuck)));
    expect(new Set(all)).toEqual(new Set([503]));
    // Twice sixteen had their turn, and no response.
    expect(service.mostAtOnce()).toBe(32);
  } finally {
    await stuck.services.stop();
    await service.stop();
  }
}, 15_000);

test('a client that disconnects while a process is searched frees its turn', async () => {
  const service = await fakeRealtime();
  const other = await startGateway({ others: [service.definition] });
  try {
    const resume = await service.pause();
    for (let index = 0; index < 16; index++) void open('websocket', {}, other);
    // Its response comes after everything that was sent before it was handled.
    await other.ask('GET /api/auth/jwks');
    for (const socket of sockets.splice(0)) socket.disconnect();
    await other.ask('GET /api/auth/jwks');
    await resume();
    expect(await open('websocket', {}, other)).toBe('open');
  } finally {
    await other.services.stop();
    await service.stop();
  }
});

test('without the realtime service sockets are unavailable, and HTTP works', async () => {
  const alone = await startGateway();
  try {
    for (const transport of TRANSPORTS) expect(await open(transport, {}, alone)).toBe(503);
    expect((await alone.ask('GET /api/auth/jwks')).status).toBe(200);
  } finally {
    await alone.services.stop();
  }
});

test.each(TRANSPORTS)(
  'sockets over %s that open at the same time are forwarded a few at a time',
  async (transport) => {
    const service = await fakeRealtime();
    const other = await startGateway({ others: [service.definition] });
    const all = await Promise.all(Array.from({ length: 50 }, () => open(transport, {}, other)));
    expect(new Set(all)).toEqual(new Set(['open']));
    expect(service.mostAtOnce()).toBeLessThanOrEqual(16);
    expect(service.mostAtOnce()).toBeGreaterThan(4);
    await other.services.stop();
    await service.stop();
  },
);

test.each(TRANSPORTS)('a stopping gateway closes forwarded sockets over %s', async (transport) => {
  const service = await fakeRealtime();
  const stopping = await startGateway({ others: [service.definition] });
  expect(await open(transport, {}, stopping)).toBe('open');
  const socket = sockets.at(-1)!;
  await stopping.services.stop();
  await eventually(() => socket.disconnected);
  await service.stop();
});
