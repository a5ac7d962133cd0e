import { get } from 'node:http';
import type { Caller } from '../../broker/calls/envelope.ts';
import { tagOf } from '../../broker/calls/instances.ts';
import { newId } from '../../broker/process/ids.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { head, openRaw } from '../../broker/testing/raw-connection.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
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

/**
 * A payment of other users. A message that they should not get would arrive before the one of this payment.
 */
const publishSentinel = (payer: Caller, payee: Caller = app.person('VENDOR')) =>
  app.publish(payments.events.created, aPayment(payer, payee));

/** Two users and an administrator, each with a socket. */
const audience = async () => {
  const people = { user: app.person(), other: app.person('VENDOR'), admin: app.person('ADMIN') };
  const sockets = {
    user: app.connect({ as: people.user }),
    other: app.connect({ as: people.other }),
    admin: app.connect({ as: people.admin }),
  };
  await welcomed(...Object.values(sockets));
  // The administrator is fetched from auth, because no event of them was published.
  await eventually(
    async () => (await app.sql('select 1 from people where id = $1', [people.admin.userId])).length > 0,
  );
  return { people, sockets };
};

describe.each(['websocket', 'polling'] as const)('over %s', (transport) => {
  test('each transition of a payment is sent to payer and payee, and to no other user', async () => {
    const people = [app.person(), app.person('VENDOR'), app.person(), app.person('ADMIN')] as const;
    const sockets = people.map((as) => app.connect({ as, transport }));
    const [payer, payee, ...others] = sockets as [TestSocket, TestSocket, ...TestSocket[]];
    await welcomed(...sockets);
    const payment = aPayment(people[0], people[1]);
    await app.publish(payments.events.created, payment);
    await eventually(() => expect([payer.messages.length, payee.messages.length]).toEqual([1, 1]));
    expect(payer.messages).toEqual([
      {
        seq: 1,
        at: expect.any(String),
        name: 'realtime.payment-changed',
        payload: { id: payment.id, status: 'pending', version: 1 },
      },
    ]);
    await app.publish(payments.events.processing, { ...payment, status: 'processing', version: 2 });
    await app.publish(payments.events.cancelled, { ...payment, status: 'cancelled', version: 3 });
    await eventually(() => expect([payer.messages.length, payee.messages.length]).toEqual([3, 3]));
    await publishSentinel(people[2], people[3]);
    await eventually(() => others.every(({ messages }) => messages.length > 0));
    expect(others.map(namesOf)).toEqual([['payment-changed'], ['payment-changed']]);
    expect([payer, payee].map(({ messages }) => messages.length)).toEqual([3, 3]);
  });

  test('welcome has the user and the position in the stream', async () => {
    const as = app.person();
    const first = app.connect({ as, transport });
    await welcomed(first);
    expect(first.welcome).toEqual({ userId: as.userId, seq: 0, reread: false });
    expect((first.socket.io.engine as unknown as { id: string }).id).toMatch(/^[0-9a-f]{8}\.[\w-]{24}$/);
  });
});

test('the id of a connection begins with the tag of its process', async () => {
  const socket = app.connect({ as: app.person() });
  await welcomed(socket);
  const { id } = socket.socket.io.engine as unknown as { id: string };
  const [instance] = app.service('gateway').instancesOf('realtime');
  expect(instance?.address).toBe(`http://127.0.0.1:${app.port}`);
  expect(id.split('.')[0]).toBe(tagOf(instance?.nodeId ?? ''));
});

test('a change of a user is sent to that user and to administrators, an older version is not', async () => {
  const { people, sockets } = await audience();
  const { userId: id, role, name } = people.user;
  const user = { id, email: 'a@example.com', name, role, status: 'active' as const };
  await app.publish(auth.events.userChanged, { ...user, version: 3 });
  await eventually(() =>
    expect([sockets.user.messages.length, sockets.admin.messages.length]).toEqual([1, 1]),
  );
  expect(sockets.admin.messages[0]?.payload).toEqual({ id, version: 3 });
  await app.publish(auth.events.userChanged, { ...user, version: 2 });
  await app.publish(auth.events.userChanged, { ...user, version: 4 });
  await eventually(() =>
    expect([sockets.user.messages.length, sockets.admin.messages.length]).toEqual([2, 2]),
  );
  expect(sockets.user.messages.map(({ payload }) => payload)).toEqual([
    { id, version: 3 },
    { id, version: 4 },
  ]);
  await publishSentinel(people.other);
  await eventually(() => sockets.other.messages.length > 0);
  expect(namesOf(sockets.other)).toEqual(['payment-changed']);
});

test('a former administrator gets only messages about their own account', async () => {
  const { people, sockets } = await audience();
  const { userId, sessionId, name } = people.admin;
  const user = {
    id: userId,
    email: 'a@example.com',
    name,
    role: 'VENDOR' as const,
    status: 'active' as const,
  };
  await app.publish(auth.events.userChanged, { ...user, version: 2 });
  await eventually(() => expect(sockets.admin.messages).toHaveLength(1));
  const lifted = {
    kind: 'account' as const,
    subject: 'x@example.com',
    userId: null,
    before: null,
    after: null,
  };
  await app.publish(auth.events.lockoutLifted, { ...lifted, by: userId, reason: 'asked', at });
  await app.publish(auth.events.sessionStarted, signIn(userId, sessionId));
  await eventually(() => namesOf(sockets.admin).at(-1) === 'sessions-changed');
  expect(namesOf(sockets.admin)).toEqual(['user-changed', 'sessions-changed']);
});

test('what administrators do and ask for is sent to administrators, and a request is notified', async () => {
  const { people, sockets } = await audience();
  const { userId } = people.user;
  const approvalId = newId('approval', Date.now());
  const changed = { before: null, after: null };
  const decision = { by: people.user.userId, reason: 'Asked for', at };
  await app.publish(auth.events.userSignedOut, { userId, sessionId: null, ...decision, ...changed });
  const asked = { approvalId, act: 'setRole', userId, email: 'a@example.com', role: 'ADMIN' } as const;
  const nothing = { userIds: null, setting: null, requestReason: null };
  const request = { ...asked, ...nothing, requestedBy: userId, ...decision };
  await app.publish(auth.events.approvalRequested, { ...request, expiresAt: at });
  // Two changes of a count that follow each other at once may be sent as one.
  await eventually(() => namesOf(sockets.admin).includes('notifications-changed'));
  await app.publish(auth.events.approvalRejected, request);
  await eventually(() => expect(sockets.admin.messages).toHaveLength(5));
  expect(namesOf(sockets.admin)).toEqual([
    'user-administered',
    'approvals-changed',
    'notifications-changed',
    'notifications-changed',
    'approvals-changed',
  ]);
  expect(sockets.admin.messages[2]?.payload).toMatchObject({
    unread: 1,
    added: { content: { type: 'approval_requested', approvalId } },
  });
  // The request was decided: nobody has to look at it any more.
  expect(sockets.admin.messages[3]?.payload).toEqual({ unread: 0, added: null });
  expect(sockets.user.messages).toEqual([]);
});

test('sessions and preferences are sent to their user, lockouts to administrators', async () => {
  const { people, sockets } = await audience();
  const { userId } = people.user;
  const { sessionId } = app.person();
  const looks = { theme: 'dark', language: 'system', timeZone: 'Asia/Tokyo', currency: 'JPY' } as const;
  const preferences = { ...looks, analytics: 'granted', version: 1 } as const;
  const notifications = DEFAULT_NOTIFICATIONS;
  await app.publish(auth.events.sessionStarted, signIn(userId, sessionId));
  await app.publish(auth.events.sessionEnded, { userId, sessionId, reason: 'revoked', at });
  await app.publish(profile.events.preferencesChanged, { ...preferences, notifications, userId, at });
  await app.publish(auth.events.signInLocked, {
    kind: 'address',
    subject: '192.0.2.9',
    userId: null,
    address: '192.0.2.9',
    failures: 9,
    until: at,
    at,
  });
  await eventually(() =>
    expect([sockets.user.messages.length, sockets.admin.messages.length]).toEqual([3, 1]),
  );
  expect(sockets.user.messages.map(({ name, payload }) => [name, payload]).sort()).toEqual([
    ['realtime.preferences-changed', { ...preferences, notifications }],
    ['realtime.sessions-changed', { sessionId }],
    ['realtime.sessions-changed', { sessionId }],
  ]);
  expect(sockets.admin.messages[0]?.payload).toEqual({ subject: '192.0.2.9' });
  await publishSentinel(people.other);
  await eventually(() => sockets.other.messages.length > 0);
  expect(namesOf(sockets.other)).toEqual(['payment-changed']);
  expect(sockets.user.closed).toBe(false);
});

describe('a client that sends packets', () => {
  test('calls no action, subscribes to nothing and gets no acknowledgement', async () => {
    const [as, victim] = [app.person(), app.person()];
    const [client, other] = [app.connect({ as }), app.connect({ as: victim })];
    await welcomed(client, other);
    const answers: unknown[] = [];
    const acknowledge = (...given: unknown[]) => void answers.push(given);
    client.socket.emit('call', 'realtime.notifications', {}, acknowledge);
    client.socket.emit('call', 'realtime.issueTicket', acknowledge);
    for (const event of ['join', 'subscribe', 'message', 'welcome', 'close', '$join'])
      client.socket.emit(event, `user:${victim.userId}`, acknowledge);
    await app.publish(payments.events.created, aPayment(victim, app.person('VENDOR')));
    await eventually(() => expect(other.messages).toHaveLength(1));
    expect(answers).toEqual([]);
    expect(client.messages).toEqual([]);
    expect(client.closed).toBe(false);
    expect(await app.sql('select 1 from tickets')).toEqual([]);
  });

  test.each(['websocket', 'polling'] as const)('is closed for too many, over %s', async (transport) => {
    const client = app.connect({ as: app.person(), transport });
    await welcomed(client);
    for (let count = 0; count < 25; count++) client.socket.emit('hello', count);
    await eventually(() => expect(client.closed).toBe(true));
  });

  test('is closed when it sends an acknowledgement or a large packet', async () => {
    const clients = [app.connect({ as: app.person() }), app.connect({ as: app.person() })] as const;
    await welcomed(...clients);
    (clients[0].socket.io.engine as unknown as { write(text: string): void }).write('31[]');
    clients[1].socket.emit('hello', 'x'.repeat(20_000));
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

test('every other path on the port of the sockets is 404', async () => {
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

test('a stopping process closes its sockets with the reason restart', async () => {
  const stopping = await startRealtime();
  const sockets = (['websocket', 'polling'] as const).map((transport) =>
    stopping.connect({ as: stopping.person(), transport }),
  );
  await welcomed(...sockets);
  const stopped = stopping.stopServices();
  await eventually(() => sockets.every(({ closed, close }) => closed && close === 'restart'));
  await stopped;
});

test('a stopping process closes a connection that asked for an upgrade at another path', async () => {
  const stopping = await startRealtime();
  const connection = await openRaw(stopping.port);
  connection.send(head('GET /other', 'Connection: Upgrade', 'Upgrade: websocket'));
  await connection.ended;
  await stopping.stopServices();
  connection.close();
});

test('new audit entries are signalled to administrators with a socket, and to nobody else', async () => {
  const { people, sockets } = await audience();
  const newest = newId('event', Date.now());
  await app.service('auth').sendSignal(admin.signals.auditEntriesAdded, { newest });
  await eventually(() => sockets.admin.notices.length > 0);
  expect(sockets.admin.notices).toEqual([{ name: 'realtime.audit-entries-added', payload: { newest } }]);
  await publishSentinel(people.user, people.other);
  await eventually(() => [sockets.user, sockets.other].every((one) => namesOf(one).length > 0));
  expect([...sockets.user.notices, ...sockets.other.notices]).toEqual([]);
});
