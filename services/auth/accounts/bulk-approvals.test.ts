import type { Caller } from '../../../broker/calls/envelope.ts';
import { settableClock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { ListedApproval } from '../../../shared/contracts/auth/approvals.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { callerOf, startAuth, type AuthApp } from '../testing/start-auth.ts';

const clock = settableClock();
let app: AuthApp;
let ada: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await startAuth({ clock });
});
beforeEach(async () => {
  await app.sql(`update users set role = 'CUSTOMER' where role = 'ADMIN'`);
  await app.sql('delete from approvals');
  [ada, bob] = [await app.admin(), await app.admin()];
});
afterAll(() => app?.stop());

const reason = 'Cards of one thief';
const NEEDED = { code: 'approval_needed' };
const OVER = { code: 'approval_over' };
const { approve, reject, setRole, suspendUsers, userDetails } = auth.actions;
const suspendAll = (ids: UserId[], as = ada, preview = false) =>
  app.call(suspendUsers, { ids, reason, preview }, { as });
const waiting = async () =>
  (await app.call(auth.actions.approvals, {}, { as: bob })).items as [ListedApproval, ...ListedApproval[]];
const approveIt = ({ id }: Pick<ListedApproval, 'id'>, as = bob) =>
  app.call(approve, { id, reason: 'Agreed' }, { as });
const stateOf = async (id: UserId) => (await app.call(userDetails, { id }, { as: bob })).state;
const registered = async (count: number) => {
  const all = [];
  for (let made = 0; made < count; made++) all.push(await app.register());
  return all;
};
const idsOf = (users: Awaited<ReturnType<typeof registered>>) => users.map(({ user }) => user.id);

it('of nine users takes effect at once; of ten it waits, and its preview does not', async () => {
  const ids = idsOf(await registered(10));
  expect((await suspendAll(ids, ada, true)).items).toHaveLength(10);
  await expect(suspendAll(ids)).rejects.toMatchObject(NEEDED);
  expect(await stateOf(ids[0] as UserId)).toBe('active');
  expect((await suspendAll(ids.slice(0, 9))).items).toMatchObject(ids.slice(0, 9).map((id) => ({ id })));
  expect(await stateOf(ids[0] as UserId)).toBe('suspended');
});

it('a preview is recorded as a read of an administrator', async () => {
  const [id] = idsOf(await registered(1)) as [UserId];
  await suspendAll([id], ada, true);
  expect(await app.eventsOf('administratorRead', id, 1)).toMatchObject([
    { action: 'auth.suspendUsers', query: { ids: [id], preview: true } },
  ]);
});

it('is carried out with its approval, for each user alone, as the act of who asked', async () => {
  const users = await registered(9);
  const unknown = newId('user', Date.now());
  const ids = [...idsOf(users), unknown, ada.userId];
  await expect(suspendAll(ids)).rejects.toMatchObject(NEEDED);
  // The same users in another order are the same request.
  await expect(suspendAll(ids.toReversed(), bob)).rejects.toMatchObject(NEEDED);
  const [request, ...others] = await waiting();
  expect(others).toEqual([]);
  const nothing = { userId: null, email: null, role: null, name: null, setting: null };
  expect(request).toMatchObject({ act: 'suspendUsers', ...nothing, userIds: ids.toSorted(), reason });
  expect(request.users).toHaveLength(10);
  expect(request.users).toContainEqual({
    ...{ id: users[0]?.user.id, name: 'Ada', email: users[0]?.user.email, state: 'active' },
  });
  await expect(approveIt(request, ada)).rejects.toMatchObject({ code: 'own_request' });
  const { suspensions, issued } = await approveIt(request);
  expect(issued).toBeNull();
  const outcomes = new Map(suspensions?.map(({ id, outcome, code }) => [id, code ?? outcome]));
  expect(outcomes.get(unknown)).toBe('user_not_found');
  expect(outcomes.get(ada.userId)).toBe('own_account');
  for (const user of users) {
    const { id } = user.user;
    expect(outcomes.get(id)).toBe('suspended');
    expect(await stateOf(id)).toBe('suspended');
    expect(app.signalled.sessionIds).toContain(callerOf(user).sessionId);
    expect(await app.eventsOf('userSuspended', id, 1)).toMatchObject([{ by: ada.userId, reason }]);
  }
  const given = { requestedBy: ada.userId, by: bob.userId, requestReason: reason, reason: 'Agreed' };
  expect(await app.eventsOf('approvalGiven', request.id, 1)).toMatchObject([given]);
  await expect(approveIt(request)).rejects.toMatchObject(OVER);
});

it('is not approved by one of those whom it suspends, and waits for another administrator', async () => {
  const ids = [...idsOf(await registered(9)), bob.userId];
  await expect(suspendAll(ids)).rejects.toMatchObject(NEEDED);
  const [request] = await waiting();
  await expect(approveIt(request)).rejects.toMatchObject({ code: 'own_account' });
  expect(await stateOf(bob.userId)).toBe('active');
  const { suspensions } = await approveIt(request, await app.admin());
  expect(suspensions?.find(({ id }) => id === bob.userId)?.outcome).toBe('suspended');
});

it('leaves everybody as before when the transaction of the approval fails', async () => {
  const ids = idsOf(await registered(10));
  await expect(suspendAll(ids)).rejects.toMatchObject(NEEDED);
  const [request] = await waiting();
  const last = request.userIds?.at(-1);
  await app.sql(`create function refuse() returns trigger language plpgsql as
    $$ begin if new.id = '${last}' then raise 'as if the process had died'; end if; return new; end $$`);
  await app.sql('create trigger refuse before update on users for each row execute function refuse()');
  await expect(approveIt(request)).rejects.toMatchObject({ code: 'internal' });
  for (const id of ids) expect(await stateOf(id)).toBe('active');
  expect(await waiting()).toHaveLength(1);
  await app.sql('drop trigger refuse on users');
  await app.sql('drop function refuse()');
  expect((await approveIt(request)).suspensions).toHaveLength(10);
});

it('is withdrawn, expires, and is void once who asked is no administrator', async () => {
  const ids = idsOf(await registered(10));
  const ask = async (): Promise<ListedApproval> => {
    await expect(suspendAll(ids)).rejects.toMatchObject(NEEDED);
    return (await waiting())[0];
  };
  const withdrawn = await ask();
  await app.call(reject, { id: withdrawn.id, reason: 'A mistake' }, { as: ada });
  await expect(approveIt(withdrawn)).rejects.toMatchObject(OVER);
  const expired = await ask();
  clock.set(clock.nowMs() + 24 * 3_600_000 + 1);
  await expect(approveIt(expired)).rejects.toMatchObject(OVER);
  const ofFormer = await ask();
  const carl = await app.admin();
  await app.call(setRole, { id: ada.userId, role: 'CUSTOMER', reason }, { as: bob });
  await expect(approveIt(ofFormer, carl)).rejects.toMatchObject(OVER);
  expect(await stateOf(ids[0] as UserId)).toBe('active');
});

it('of the only administrator waits for nobody', async () => {
  await app.sql(`update users set role = 'CUSTOMER' where id = $1`, [bob.userId]);
  const { items } = await suspendAll(idsOf(await registered(10)));
  expect(items.map(({ outcome }) => outcome)).toEqual(Array(10).fill('suspended'));
});
