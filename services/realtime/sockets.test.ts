import { get } from 'node:http';
import { tagOf } from '../../broker/calls/instances.ts';
import { eventually } from '../../broker/testing/start-services.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { SessionId, UserId } from '../../shared/contracts/ids.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { DEFAULT_NOTIFICATIONS, profile } from '../../shared/contracts/profile.ts';
import { aPayment, startRealtime, type RealtimeApp, type TestSocket } from './testing/start-realtime.ts';

let app: RealtimeApp;
beforeAll(async () => {
  app = await startRealtime();
});
afterEach(() => app.closeAll());
afterAll(() => app.stop());

const at = new Date().toISOString();
const signIn = (userId: UserId, sessionId: SessionId) => ({
  userId,
  sessionId,
  device: 'Firefox on Linux',
  kind: 'desktop' as const,
  address: null,
  method: 'password' as const,
  knownDevice: true,
  at,
});
const namesOf = ({ messages }: TestSocket) => messages.map(({ name }) => name.replace('realtime.', ''));
const welcomed = (...sockets: TestSocket[]) => eventually(() => sockets.every(({ welcome }) => welcome));

/** A socket of each: two users, and an administrator. */
const audience = async () => {
  const people = { user: app.person(), other: app.person('VENDOR'), admin: app.person('ADMIN') };
  const sockets = {
    user: app.connect({ as: people.user }),
    other: app.connect({ as: people.other }),
    admin: app.connect({ as: people.admin }),
  };
  await welcomed(...Object.values(sockets));
  // An administrator whom no event has told of is asked for.
  await eventually(async () =>
    (await app.sql('select 1 from people where id = $1', [people.admin.userId])).at(0),
  );
  return { people, sockets };
};

describe.each(['websocket', 'polling'] as const)('over %s', (transport) => {
  test('payer and payee are told of a payment at each of its steps, and nobody else is', async () => {
    const people = [app.person(), app.person('VENDOR'), app.person(), app.person('ADMIN')] as const;
    const sockets = people.map((as) => app.connect({ as, transport }));
    const [payer, payee, ...others] = sockets as [TestSocket, TestSocket, ...TestSocket[]];
    await welcomed(...sockets);
    const payment = aPayment(people[0], people[1]);
    await app.tell(payments.events.created, payment);
    await eventually(() => payer.messages.length === 1 && payee.messages.length === 1);
    expect(payer.messages).toEqual([
      {
        seq: 1,
        at: expect.any(String),
        name: 'realtime.payment-changed',
        payload: { id: payment.id, status: 'pending', version: 1 },
      },
    ]);
    await app.tell(payments.events.processing, { ...payment, status: 'processing', version: 2 });
    await app.tell(payments.events.cancelled, { ...payment, status: 'cancelled', version: 3 });
    await eventually(() => payer.messages.length === 3 && payee.messages.length === 3);
    expect(others.map(({ messages }) => messages)).toEqual([[], []]);
  });

  test('a socket is welcomed once, with who it is and where it begins', async () => {
    const as = app.person();
    const first = app.connect({ as, transport });
    await welcomed(first);
    expect(first.welcome).toEqual({ userId: as.userId, seq: 0, reread: false });
    expect((first.socket.io.engine as unknown as { id: string }).id).toMatch(/^[0-9a-f]{8}\.[\w-]{24}$/);
  });
});

test('the id of a connection names its process', async () => {
  const socket = app.connect({ as: app.person() });
  await welcomed(socket);
  const { id } = socket.socket.io.engine as unknown as { id: string };
  const [place] = app.service('gateway').instancesOf('realtime');
  expect(place?.address).toBe(`http://127.0.0.1:${app.port}`);
  expect(id.split('.')[0]).toBe(tagOf(place?.nodeId ?? ''));
});

test('a user who changes is told, and so are administrators; an older version is no news', async () => {
  const { people, sockets } = await audience();
  const { userId: id, role, name } = people.user;
  const user = { id, email: 'a@example.com', name, role, status: 'active' as const };
  await app.tell(auth.events.userChanged, { ...user, version: 3 });
  await eventually(() => sockets.user.messages.length === 1 && sockets.admin.messages.length === 1);
  expect(sockets.admin.messages[0]?.payload).toEqual({ id, version: 3 });
  await app.tell(auth.events.userChanged, { ...user, version: 2 });
  await app.tell(auth.events.userChanged, { ...user, version: 4 });
  await eventually(() => sockets.user.messages.length === 2 && sockets.admin.messages.length === 2);
  expect(sockets.user.messages.map(({ payload }) => payload)).toEqual([
    { id, version: 3 },
    { id, version: 4 },
  ]);
  expect(sockets.other.messages).toEqual([]);
});

test('an administrator who is one no longer is told of nobody but themselves', async () => {
  const { people, sockets } = await audience();
  const { userId, sessionId, name } = people.admin;
  const user = {
    id: userId,
    email: 'a@example.com',
    name,
    role: 'VENDOR' as const,
    status: 'active' as const,
  };
  await app.tell(auth.events.userChanged, { ...user, version: 2 });
  await eventually(() => sockets.admin.messages.length === 1);
  const lifted = { kind: 'account' as const, subject: 'x@example.com', by: userId, reason: 'asked', at };
  await app.tell(auth.events.lockoutLifted, lifted);
  await app.tell(auth.events.sessionStarted, signIn(userId, sessionId));
  await eventually(() => namesOf(sockets.admin).at(-1) === 'sessions-changed');
  expect(namesOf(sockets.admin)).toEqual(['user-changed', 'sessions-changed']);
});

test('sessions and preferences are told to whom they belong, lockouts to administrators', async () => {
  const { people, sockets } = await audience();
  const { userId } = people.user;
  const { sessionId } = app.person();
  const preferences = { theme: 'dark', language: 'system', version: 1 } as const;
  const notifications = DEFAULT_NOTIFICATIONS;
  await app.tell(auth.events.sessionStarted, signIn(userId, sessionId));
  await app.tell(auth.events.sessionEnded, { userId, sessionId, reason: 'revoked', at });
  await app.tell(profile.events.preferencesChanged, { ...preferences, notifications, userId, at });
  await app.tell(auth.events.signInLocked, {
    kind: 'address',
    subject: '192.0.2.9',
    userId: null,
    address: '192.0.2.9',
    failures: 9,
    until: at,
    at,
  });
  await eventually(() => sockets.user.messages.length === 3 && sockets.admin.messages.length === 1);
  expect(sockets.user.messages.map(({ name, payload }) => [name, payload]).sort()).toEqual([
    ['realtime.preferences-changed', { ...preferences, notifications }],
    ['realtime.sessions-changed', { sessionId }],
    ['realtime.sessions-changed', { sessionId }],
  ]);
  expect(sockets.admin.messages[0]?.payload).toEqual({ subject: '192.0.2.9' });
  expect(sockets.other.messages).toEqual([]);
  expect(sockets.user.closed).toBe(false);
});

describe('a client that sends something', () => {
  test('is not heard: no action is called, no room is joined, nothing is acknowledged', async () => {
    const [as, victim] = [app.person(), app.person()];
    const [client, other] = [app.connect({ as }), app.connect({ as: victim })];
    await welcomed(client, other);
    const answers: unknown[] = [];
    const acknowledge = (...given: unknown[]) => void answers.push(given);
    client.socket.emit('call', 'realtime.notifications', {}, acknowledge);
    client.socket.emit('call', 'realtime.issueTicket', acknowledge);
    for (const event of ['join', 'subscribe', 'message', 'welcome', 'close', '$join'])
      client.socket.emit(event, `user:${victim.userId}`, acknowledge);
    await app.tell(payments.events.created, aPayment(victim, app.person('VENDOR')));
    await eventually(() => other.messages.length === 1);
    expect(answers).toEqual([]);
    expect(client.messages).toEqual([]);
    expect(client.closed).toBe(false);
    expect(await app.sql('select 1 from tickets')).toEqual([]);
  });

  test.each(['websocket', 'polling'] as const)('is ended when it goes on, over %s', async (transport) => {
    const client = app.connect({ as: app.person(), transport });
    await welcomed(client);
    for (let count = 0; count < 25; count++) client.socket.emit('hello', count);
    await eventually(() => client.closed);
  });

  test('is ended when it acknowledges what nobody asked it for, or sends too much at once', async () => {
    const clients = [app.connect({ as: app.person() }), app.connect({ as: app.person() })] as const;
    await welcomed(...clients);
    (clients[0].socket.io.engine as unknown as { write(text: string): void }).write('31[]');
    clients[1].socket.emit('hello', 'x'.repeat(5_000));
    await eventually(() => clients.every(({ closed }) => closed));
  });

  test('finds no other namespace', async () => {
    const client = app.connect({ as: app.person() });
    await welcomed(client);
    const other = client.socket.io.socket('/admin');
    const error = await new Promise<Error>((resolve) => other.once('connect_error', resolve));
    expect(error.message).toBe('Invalid namespace');
  });
});

test('everything else on the port of the sockets answers 404', async () => {
  for (const path of ['/', '/api/notifications', '/socket.io/socket.io.js', '/wsx/']) {
    const status = await new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: app.port, path, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
    expect([path, status]).toEqual([path, 404]);
  }
});

test('a process that stops says that its clients are to come back', async () => {
  const stopping = await startRealtime();
  const sockets = (['websocket', 'polling'] as const).map((transport) =>
    stopping.connect({ as: stopping.person(), transport }),
  );
  await welcomed(...sockets);
  const startedMs = performance.now();
  const stopped = stopping.stopServices();
  await eventually(() => sockets.every(({ closed, close }) => closed && close === 'restart'));
  await stopped;
  expect(performance.now() - startedMs).toBeLessThan(3_000);
});
