import type { Caller } from '../../broker/calls/envelope.ts';
import { newId } from '../../broker/process/ids.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { Id, UserId } from '../../shared/contracts/ids.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { startRealtime, type RealtimeApp, type TestSocket } from './testing/start-realtime.ts';

/** A change has to reach every page in this time. */
const REACHES_ALL_MS = 2_000;
const at = new Date().toISOString();

let app: RealtimeApp;
beforeAll(async () => {
  app = await startRealtime();
});
afterEach(() => app.closeAll());
afterAll(() => app?.stop());

const open = async (...people: Caller[]): Promise<TestSocket[]> => {
  const sockets = people.map((as) => app.connect({ as }));
  await eventually(() => sockets.every(({ welcome }) => welcome));
  return sockets;
};
const namesOf = ({ notices }: TestSocket) => notices.map(({ name }) => name.replace('realtime.', ''));
const changed = (by: UserId) => ({
  ...{ key: 'paymentsStopped' as const, value: true, previousValue: false, version: 1, by },
  ...{ reason: 'Incident', approvalId: null, at },
});

test('a change of a setting reaches every open socket within two seconds, and is not stored', async () => {
  const administrator = app.person('ADMIN');
  const sockets = await open(app.person(), app.person(), app.person('VENDOR'), administrator);
  await app.publish(admin.events.settingChanged, changed(administrator.userId));
  await eventually(
    () => sockets.forEach((socket) => expect(namesOf(socket)).toEqual(['settings-changed'])),
    REACHES_ALL_MS,
  );
  const { name } = realtime.messages.settingsChanged;
  expect(await app.sql('select from messages where name = $1', [name])).toEqual([]);
});

test('after a lost connection to the bus every page is asked to read the settings again', async () => {
  const sockets = await open(app.person(), app.person('ADMIN'));
  app.loseBus();
  app.regainBus();
  await eventually(() => sockets.forEach((socket) => expect(namesOf(socket)).toEqual(['settings-changed'])));
});

test('a client that comes back is asked to read the settings: it may have missed a notice', async () => {
  const person = app.person();
  const [first] = await open(person);
  const back = app.connect({ as: person, after: first?.welcome?.seq ?? 0 });
  await eventually(() => expect(namesOf(back)).toEqual(['settings-changed']));
  expect(first?.notices).toEqual([]);
});

test('sessions that start, end or get a name are noticed by administrators alone', async () => {
  const [user, other] = [app.person(), app.person()];
  const [ofOther, ofAdmin] = await open(other, app.person('ADMIN'));
  const { userId, sessionId } = user;
  const origin = { device: 'Firefox on Linux', kind: 'desktop', address: null } as const;
  await app.publish(auth.events.sessionStarted, {
    ...{ userId, sessionId, ...origin, method: 'password', knownDevice: true, at },
  });
  await app.publish(auth.events.sessionNamed, { userId, sessionId, at });
  await app.publish(auth.events.sessionEnded, { userId, sessionId, reason: 'revoked', at });
  const notice = { name: realtime.messages.userSessionsChanged.name, payload: { id: userId } };
  await eventually(() => expect(ofAdmin?.notices).toEqual([notice, notice, notice]));
  expect(ofOther?.notices).toEqual([]);
});

const unreadOf = async (as: Caller): Promise<number> =>
  (await app.call(realtime.actions.notifications, {}, { as })).unread;

const requestOf = (approvalId: Id<'approval'>, requestedBy: UserId) => ({
  ...{ approvalId, act: 'changeSetting' as const, userId: null, email: null, role: null, userIds: null },
  setting: { key: 'paymentsStopped' as const, before: true, value: false, version: 1 },
  ...{ requestedBy, requestReason: 'Over', by: requestedBy, reason: 'Over', at },
});

test('a request that was decided waits for no administrator any more', async () => {
  const [ada, bob, carl] = [app.person('ADMIN'), app.person('ADMIN'), app.person('ADMIN')];
  for (const { userId: id, name } of [ada, bob, carl]) {
    const account = { email: `${id}@example.com`, name, role: 'ADMIN', status: 'active' } as const;
    await app.publish(auth.events.userChanged, { id, ...account, version: 1 });
  }
  const ids = [ada, bob, carl].map(({ userId }) => userId);
  const known = 'select from people where id = any($1)';
  await eventually(async () => expect(await app.sql(known, [ids])).toHaveLength(3));
  const [first, second] = [newId('approval', Date.now()), newId('approval', Date.now())];
  for (const id of [first, second])
    await app.publish(auth.events.approvalRequested, { ...requestOf(id, ada.userId), expiresAt: at });
  await eventually(async () => {
    expect([await unreadOf(ada), await unreadOf(bob), await unreadOf(carl)]).toEqual([0, 2, 2]);
  });
  const [ofBob] = await open(bob);
  await app.publish(auth.events.approvalGiven, { ...requestOf(first, ada.userId), by: carl.userId });
  await eventually(async () => {
    expect([await unreadOf(bob), await unreadOf(carl)]).toEqual([1, 1]);
  });
  await eventually(() =>
    expect(ofBob?.messages.map(({ name, payload }) => [name, payload])).toEqual([
      ['realtime.notifications-changed', { unread: 1, added: null }],
      ['realtime.approvals-changed', { id: first }],
    ]),
  );
  await app.publish(auth.events.approvalRejected, { ...requestOf(second, ada.userId), by: ada.userId });
  await eventually(async () => {
    expect([await unreadOf(bob), await unreadOf(carl)]).toEqual([0, 0]);
  });
});

test('a request that was decided before it is known waits for nobody', async () => {
  const [ada, bob] = [app.person('ADMIN'), app.person('ADMIN')];
  for (const { userId: id, name } of [ada, bob]) {
    const account = { email: `${id}@example.com`, name, role: 'ADMIN', status: 'active' } as const;
    await app.publish(auth.events.userChanged, { id, ...account, version: 1 });
  }
  const ids = [ada, bob].map(({ userId }) => userId);
  await eventually(async () =>
    expect(await app.sql('select from people where id = any($1)', [ids])).toHaveLength(2),
  );
  const request = requestOf(newId('approval', Date.now()), ada.userId);
  const decided = 'select from approvals where id = $1 and decided';
  await app.publish(auth.events.approvalRejected, request);
  await eventually(async () => expect(await app.sql(decided, [request.approvalId])).toHaveLength(1));
  const [ofBob] = await open(bob);
  await app.publish(auth.events.approvalRequested, { ...request, expiresAt: at });
  await eventually(() =>
    expect(ofBob?.messages.map(({ name }) => name)).toEqual(['realtime.approvals-changed']),
  );
  expect(await unreadOf(bob)).toBe(0);
});

test('who asked for a change that was approved and not made is notified', async () => {
  const asked = app.person('ADMIN');
  const approvalId = newId('approval', Date.now());
  const { key, value, version, reason } = changed(asked.userId);
  const voided = { key, value, version, approvalId, by: asked.userId, reason, at };
  await app.publish(admin.events.settingChangeVoided, voided);
  await eventually(async () => {
    const { items } = await app.call(realtime.actions.notifications, {}, { as: asked });
    expect(items).toMatchObject([{ content: { type: 'setting_change_voided', approvalId, key } }]);
  });
});
