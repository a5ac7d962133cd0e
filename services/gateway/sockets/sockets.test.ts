import { io, type Socket } from 'socket.io-client';
import { eventually } from '../../../broker/testing/start-services.ts';
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

const cookieOf = (token: string) => `__Host-payloom_access=${token}; __Secure-payloom_refresh=secret`;

/** Opens a socket as a page of ours would, or with other headers; says what became of it. */
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
      const said = /Unexpected server response: (\d+)/.exec(
        String((description as { message?: string } | undefined)?.message),
      )?.[1];
      resolve(said ? Number(said) : typeof description === 'number' ? description : String(context ?? error));
    });
  });
};

describe.each(TRANSPORTS)('a socket over %s', (transport) => {
  const ours = () => ({ origin: gateway.origin });

  test('goes on with the word of the gateway for who opens it, and with no secret', async () => {
    const sid = newId('session', Date.now());
    const cookie = cookieOf(await gateway.sign({ sid, ver: 4 }));
    const forged = { [SOCKET_CALLER_HEADER]: 'me', authorization: 'Bearer x' };
    expect(await open(transport, { ...ours(), ...forged, cookie, 'user-agent': 'tests' })).toBe('open');
    const { headers, openAssertion } = realtime.last()!;
    expect(openAssertion.envelope).toMatchObject({
      caller: { sessionId: sid, role: 'CUSTOMER' },
      address: '127.0.0.1',
      userAgent: 'tests',
    });
    expect(openAssertion.params).toMatchObject({ version: 4, expiresAtMs: expect.any(Number) });
    expect([headers.cookie, headers.authorization]).toEqual([undefined, undefined]);
  });

  test('of somebody without cookies goes on as nobody', async () => {
    expect(await open(transport, { [SOCKET_CALLER_HEADER]: 'me' })).toBe('open');
    expect(realtime.last()?.openAssertion.envelope.caller).toBeNull();
  });

  test.each([
    ['a foreign page', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['our host on another port', { origin: 'http://localhost:1' }],
    ['who names no page but brings cookies', {}],
  ])('is refused to %s', async (_who, headers) => {
    const cookie = cookieOf(await gateway.sign());
    expect(await open(transport, { ...headers, cookie } as Record<string, string>)).toBe(403);
  });

  // An empty cookie is none, and a header of eight thousand characters is no request at all.
  const presented = FORGERIES.filter(([name]) => !/no token at all|too long/.test(name));
  test.each(presented)('is refused with a forged token: %s', async (_name, make) => {
    expect(await open(transport, { ...ours(), cookie: cookieOf(await make(gateway, ENDED)) })).toBe(401);
  });
});

test('an id that names no process of ours is refused, so that the client opens a new socket', async () => {
  const reply = await gateway.ask(`GET ${SOCKET_PATH}/?EIO=4&transport=polling&sid=abc.1`);
  expect([reply.status, reply.problem().code]).toEqual([400, 'bad_request']);
});

test('without cookies an address opens 240 a minute, and nobody else waits for them', async () => {
  const service = await fakeRealtime();
  const limited = await startGateway({ others: [service.definition] });
  try {
    const knock = () => limited.ask(`GET ${SOCKET_PATH}/?EIO=4&transport=polling`);
    const statuses: number[] = [];
    for (let round = 0; round < 25; round++) {
      const replies = await Promise.all(Array.from({ length: 10 }, knock));
      statuses.push(...replies.map(({ status }) => status));
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(240);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    const cookie = cookieOf(await limited.sign());
    expect(await open('polling', { origin: limited.origin, cookie }, limited)).toBe('open');
  } finally {
    await limited.services.stop();
    await service.stop();
  }
});

test('sockets whose turn does not come are told to come back, and not passed on afterwards', async () => {
  const service = await fakeRealtime({ handshakeMs: 60_000 });
  const stuck = await startGateway({ others: [service.definition] });
  try {
    const all = await Promise.all(Array.from({ length: 40 }, () => open('websocket', {}, stuck)));
    expect(new Set(all)).toEqual(new Set([503]));
    // Twice sixteen had their turn, and no answer.
    expect(service.mostAtOnce()).toBe(32);
  } finally {
    await stuck.services.stop();
    await service.stop();
  }
}, 15_000);

test('who leaves while a process is looked for takes no turn from others', async () => {
  const service = await fakeRealtime();
  const other = await startGateway({ others: [service.definition] });
  try {
    const goOn = await service.pause();
    for (let index = 0; index < 16; index++) void open('websocket', {}, other);
    // Answered after everything that came before it.
    await other.ask('GET /api/auth/jwks');
    for (const socket of sockets.splice(0)) socket.disconnect();
    await other.ask('GET /api/auth/jwks');
    await goOn();
    expect(await open('websocket', {}, other)).toBe('open');
  } finally {
    await other.services.stop();
    await service.stop();
  }
});

test('without the service the socket is not available, and the rest is', async () => {
  const alone = await startGateway();
  try {
    for (const transport of TRANSPORTS) expect(await open(transport, {}, alone)).toBe(503);
    expect((await alone.ask('GET /api/auth/jwks')).status).toBe(200);
  } finally {
    await alone.services.stop();
  }
});

test.each(TRANSPORTS)(
  'sockets over %s that come all at once are passed on a few at a time',
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

test.each(TRANSPORTS)('a gateway that stops ends what goes through it over %s', async (transport) => {
  const service = await fakeRealtime();
  const stopping = await startGateway({ others: [service.definition] });
  expect(await open(transport, {}, stopping)).toBe('open');
  const socket = sockets.at(-1)!;
  await stopping.services.stop();
  await eventually(() => socket.disconnected);
  await service.stop();
});
