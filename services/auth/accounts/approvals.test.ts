import type { Caller } from '../../../broker/calls/envelope.ts';
import { settableClock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { ListedApproval } from '../../../shared/contracts/auth/approvals.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { PASSWORD, startAuth, type AuthApp } from '../testing/start-auth.ts';

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

const reason = 'Takes over from Ada';
const { approve, reject, setRole, inviteUser, closeUser, userDetails } = auth.actions;
const NEEDED = { code: 'approval_needed' };
const OVER = { code: 'approval_over' };
const listOf = (params: { state?: 'waiting' | 'over'; limit?: number; cursor?: string }) =>
  app.call(auth.actions.approvals, params, { as: bob });
const list = async () => (await listOf({})).items;
const over = async () => (await listOf({ state: 'over' })).items;
const grant = (id: UserId, as = ada) => app.call(setRole, { id, role: 'ADMIN', reason }, { as });
const roleOf = async (id: UserId) => (await app.call(userDetails, { id }, { as: bob })).role;
const approveOne = ({ id }: Pick<ListedApproval, 'id'>, as = bob) =>
  app.call(approve, { id, reason: 'Agreed' }, { as });
/** A request that waits: of Ada, to make a user an administrator. */
const request = async () => {
  const { user } = await app.register();
  await expect(grant(user.id)).rejects.toMatchObject(NEEDED);
  return { user, waiting: (await list())[0] as ListedApproval };
};

it('a grant of ADMIN waits for another administrator and is then the act of the first', async () => {
  const { user, waiting } = await request();
  expect(await roleOf(user.id)).toBe('CUSTOMER');
  const asked = { act: 'setRole', userId: user.id, email: user.email, role: 'ADMIN', reason };
  expect(waiting).toMatchObject({ ...asked, requestedBy: ada.userId });
  const { approval, issued } = await approveOne(waiting);
  expect(waiting).toMatchObject(approval);
  expect(issued).toBeNull();
  expect(await roleOf(user.id)).toBe('ADMIN');
  expect(app.signalled.staleVersions).toContainEqual({ userId: user.id, version: 2 });
  expect(await list()).toEqual([]);
  const given = { approvalId: waiting.id, requestedBy: ada.userId };
  const { id } = waiting;
  expect(await app.eventsOf('approvalRequested', id, 1)).toMatchObject([{ by: ada.userId, reason }]);
  expect(await app.eventsOf('approvalGiven', id, 1)).toMatchObject([
    { ...given, by: bob.userId, reason: 'Agreed' },
  ]);
  expect(await app.eventsOf('roleChanged', user.id, 1)).toMatchObject([{ by: ada.userId, reason }]);
});

it('an invitation of an administrator waits; its link is answered to the one who approves', async () => {
  const invitation = { email: 'eve@example.com', name: 'Eve', role: 'ADMIN' as const, reason };
  await expect(app.call(inviteUser, invitation, { as: ada })).rejects.toMatchObject(NEEDED);
  const [waiting] = await list();
  const { issued } = await approveOne(waiting as ListedApproval);
  const token = String(issued?.link).split('#')[1] as string;
  await app.call(auth.actions.setPassword, { token, newPassword: PASSWORD });
  const signedIn = await app.call(auth.actions.login, { email: invitation.email, password: PASSWORD });
  expect(signedIn.user.role).toBe('ADMIN');
  const again = { ...invitation, role: 'ADMIN' as const };
  await expect(app.call(inviteUser, again, { as: ada })).rejects.toMatchObject({ code: 'email_taken' });
});

it('nobody approves the own request, and the same request waits once', async () => {
  const { user, waiting } = await request();
  await expect(approveOne(waiting, ada)).rejects.toMatchObject({ code: 'own_request' });
  await expect(grant(user.id)).rejects.toMatchObject(NEEDED);
  await expect(grant(user.id, bob)).rejects.toMatchObject(NEEDED);
  expect(await list()).toHaveLength(1);
  await app.eventsOf('approvalRequested', user.id, 1);
});

it('a request expires after a day, and can be made again', async () => {
  const { user, waiting } = await request();
  clock.set(clock.nowMs() + 24 * 3_600_000 + 1);
  await expect(approveOne(waiting)).rejects.toMatchObject(OVER);
  expect(await list()).toEqual([]);
  await expect(grant(user.id)).rejects.toMatchObject(NEEDED);
  expect(await list()).toHaveLength(1);
});

it('a request is rejected, or withdrawn by the one who made it, once', async () => {
  for (const as of [bob, ada]) {
    const { user, waiting } = await request();
    const once = () => app.call(reject, { id: waiting.id, reason: 'Not now' }, { as });
    expect(waiting).toMatchObject(await once());
    await expect(once()).rejects.toMatchObject(OVER);
    await expect(approveOne(waiting)).rejects.toMatchObject(OVER);
    expect(await roleOf(user.id)).toBe('CUSTOMER');
    expect(await app.eventsOf('approvalRejected', waiting.id, 1)).toMatchObject([{ by: as.userId }]);
  }
});

it('lists what is over, with who decided, also what has expired', async () => {
  const first = await request();
  await approveOne(first.waiting);
  const [second] = [await request()];
  await app.call(reject, { id: second.waiting.id, reason: 'Not now' }, { as: ada });
  const third = await request();
  clock.set(clock.nowMs() + 24 * 3_600_000 + 1);
  const decided = { decidedBy: bob.userId, deciderName: 'Ada', decidedAt: expect.any(String) as string };
  const expired = { decidedBy: null, deciderName: null, decidedAt: third.waiting.expiresAt };
  const outcomes = [
    { id: third.waiting.id, outcome: 'expired', ...expired },
    { id: second.waiting.id, outcome: 'withdrawn', decidedBy: ada.userId },
    { id: first.waiting.id, outcome: 'approved', ...decided },
  ];
  expect(await over()).toMatchObject(outcomes);
  // The same request again does not take the place of the one that has expired.
  await expect(grant(third.user.id)).rejects.toMatchObject(NEEDED);
  expect(await over()).toMatchObject(outcomes);
  expect(await list()).toMatchObject([{ userId: third.user.id, outcome: 'waiting', decidedAt: null }]);
});

it('lists page by page; a cursor belongs to its list', async () => {
  for (let made = 0; made < 3; made++) {
    const { waiting } = await request();
    await app.call(reject, { id: waiting.id, reason: 'Not now' }, { as: bob });
  }
  const all = await over();
  const first = await listOf({ state: 'over', limit: 2 });
  const cursor = first.nextCursor as string;
  const second = await listOf({ state: 'over', limit: 2, cursor });
  expect([...first.items, ...second.items]).toEqual(all);
  expect(second.nextCursor).toBeNull();
  await expect(listOf({ state: 'waiting', cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
});

it('the request of a former administrator is void', async () => {
  const { waiting } = await request();
  await app.call(setRole, { id: ada.userId, role: 'CUSTOMER', reason }, { as: bob });
  await expect(approveOne(waiting)).rejects.toMatchObject(OVER);
});

it('of two who decide at once, one does', async () => {
  const eve = await app.admin();
  for (let round = 0; round < 10; round++) {
    const { user, waiting } = await request();
    const outcomes = await Promise.allSettled([
      approveOne(waiting),
      app.call(reject, { id: waiting.id, reason: 'Not now' }, { as: eve }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: OVER }]);
    const isApproved = outcomes[0]?.status === 'fulfilled';
    expect(await roleOf(user.id)).toBe(isApproved ? 'ADMIN' : 'CUSTOMER');
    if (isApproved) await app.sql(`update users set role = 'CUSTOMER' where id = $1`, [user.id]);
  }
});

it('the only administrator needs no approval', async () => {
  await app.sql(`update users set role = 'CUSTOMER' where id = $1`, [bob.userId]);
  const { user } = await app.register();
  expect(await grant(user.id)).toMatchObject({ role: 'ADMIN' });
});

it('an unknown request is not found, and a closed account leaves none', async () => {
  const unknown = { id: newId('approval', clock.nowMs()) } as ListedApproval;
  await expect(approveOne(unknown)).rejects.toMatchObject({ code: 'approval_not_found' });
  const { user, waiting } = await request();
  await app.call(closeUser, { id: user.id, reason }, { as: bob });
  await expect(approveOne(waiting)).rejects.toMatchObject({ code: 'approval_not_found' });
});

describe('who could use the account of another administrator', () => {
  const tokenOf = ({ link }: { link: string | null }): string => String(link).split('#')[1] as string;
  const takeOver = async (victim: Caller, as: Caller) => {
    const issued = await app.call(auth.actions.resetPassword, { id: victim.userId, reason }, { as });
    await app.call(auth.actions.setPassword, { token: tokenOf(issued), newPassword: PASSWORD });
  };
  const DEPENDENT = { code: 'approver_dependent' };

  it('cannot approve the own request with it for a week', async () => {
    const { user } = await request();
    await takeOver(bob, ada);
    await expect(approveOne((await list())[0] as ListedApproval)).rejects.toMatchObject(DEPENDENT);
    clock.set(clock.nowMs() + 7 * 24 * 3_600_000 + 1);
    await expect(grant(user.id)).rejects.toMatchObject(NEEDED);
    await approveOne((await list())[0] as ListedApproval);
  });

  it('cannot do so through a third account either; a third one who is independent can', async () => {
    const [eve, carl] = [await app.admin(), await app.admin()];
    const { waiting } = await request();
    await takeOver(bob, ada);
    await takeOver(eve, bob);
    await expect(approveOne(waiting, eve)).rejects.toMatchObject(DEPENDENT);
    await approveOne(waiting, carl);
  });

  it('by another e-mail address cannot either', async () => {
    const { waiting } = await request();
    const email = 'moved-bob@example.com';
    await app.call(auth.actions.editUser, { id: bob.userId, email, reason }, { as: ada });
    await expect(approveOne(waiting)).rejects.toMatchObject(DEPENDENT);
  });
});
