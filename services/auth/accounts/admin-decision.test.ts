import { decodeJwt } from 'jose';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { newId } from '../../../broker/process/ids.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { callerOf, startAuth, type AuthApp, type SignedIn } from '../testing/start-auth.ts';

let app: AuthApp;
let admin: Caller;
beforeAll(async () => {
  app = await startAuth();
  admin = await app.admin();
});
afterAll(() => app?.stop());

const reason = 'Reported by three customers';
const { suspend, restore, setRole } = auth.actions;
const suspendUser = (id: string, as = admin) => app.call(suspend, { id, reason }, { as });
const restoreUser = (id: string, as = admin) => app.call(restore, { id, reason }, { as });
const changeRole = (id: string, role: Role, as = admin) => app.call(setRole, { id, role, reason }, { as });
const versionOf = ({ tokens }: Pick<SignedIn, 'tokens'>) => decodeJwt(tokens.accessToken)['ver'];

describe('a suspension', () => {
  it('ends every session at once, and refuses sign-in and refresh', async () => {
    const signedIn = await app.register();
    const other = await app.login(signedIn);
    expect(await suspendUser(signedIn.user.id)).toMatchObject({ id: signedIn.user.id, state: 'suspended' });
    for (const { tokens } of [signedIn, other]) {
      await expect(app.refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
      expect(app.signalled.sessionIds).toContain(callerOf({ tokens }).sessionId);
    }
    await expect(app.login(signedIn)).rejects.toMatchObject({ code: 'account_suspended' });
    await expect(app.login(signedIn, 'Wrong-Password-1')).rejects.toMatchObject({
      code: 'wrong_credentials',
    });
    const { id } = signedIn.user;
    expect(await app.eventsOf('userSuspended', id, 1)).toMatchObject([
      { by: admin.userId, reason, before: { state: 'active' }, after: { state: 'suspended' } },
    ]);
    expect(await app.eventsOf('userChanged', id, 2)).toMatchObject([{}, { status: 'suspended', version: 2 }]);
    const ended = await app.eventsOf('sessionEnded', id, 2);
    expect(ended).toMatchObject([{ reason: 'suspended' }, { reason: 'suspended' }]);
  });

  it('is lifted by a restoration; ended sessions stay ended', async () => {
    const signedIn = await app.register();
    await suspendUser(signedIn.user.id);
    expect(await restoreUser(signedIn.user.id)).toMatchObject({ state: 'active' });
    await expect(app.refresh(signedIn.tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    await app.login(signedIn);
    expect(await app.eventsOf('userRestored', signedIn.user.id, 1)).toMatchObject([
      { by: admin.userId, reason },
    ]);
    expect(await app.eventsOf('userChanged', signedIn.user.id, 3)).toMatchObject([
      {},
      {},
      { status: 'active' },
    ]);
  });

  it('and a restoration without a change return the user and publish nothing', async () => {
    const signedIn = await app.register();
    expect(await restoreUser(signedIn.user.id)).toMatchObject({ state: 'active' });
    const suspended = await suspendUser(signedIn.user.id);
    expect(await suspendUser(signedIn.user.id)).toEqual(suspended);
    await restoreUser(signedIn.user.id);
    await app.eventsOf('userRestored', signedIn.user.id, 1);
    await app.eventsOf('userSuspended', signedIn.user.id, 1);
  });
});

describe('a new role', () => {
  it('makes older access tokens stale at once and ends no session', async () => {
    const signedIn = await app.register();
    const { id } = signedIn.user;
    expect(versionOf(signedIn)).toBe(1);
    expect(await changeRole(id, 'VENDOR')).toMatchObject({ id, role: 'VENDOR' });
    expect(app.signalled.staleVersions).toContainEqual({ userId: id, version: 2 });
    expect((await app.asService(auth.actions.revocations, {})).staleVersions).toContainEqual({
      userId: id,
      version: 2,
    });
    const refreshed = await app.refresh(signedIn.tokens.refreshToken);
    expect(callerOf(refreshed)).toEqual({ ...callerOf(signedIn), role: 'VENDOR' });
    expect(versionOf(refreshed)).toBe(2);
    expect(versionOf(await app.login(signedIn))).toBe(2);
    expect(await app.eventsOf('roleChanged', id, 1)).toMatchObject([
      {
        role: 'VENDOR',
        previousRole: 'CUSTOMER',
        accessVersion: 2,
        by: admin.userId,
        reason,
        before: { role: 'CUSTOMER' },
        after: { role: 'VENDOR' },
      },
    ]);
    expect(await app.eventsOf('userChanged', id, 2)).toMatchObject([{}, { role: 'VENDOR', version: 2 }]);
  });

  it('equal to the current role changes and publishes nothing', async () => {
    const signedIn = await app.register();
    expect(await changeRole(signedIn.user.id, 'CUSTOMER')).toMatchObject({ role: 'CUSTOMER' });
    expect(versionOf(await app.login(signedIn))).toBe(1);
    await changeRole(signedIn.user.id, 'VENDOR');
    await app.eventsOf('roleChanged', signedIn.user.id, 1);
  });

  it('is listed as a revocation for one access-token lifetime and a margin', async () => {
    const signedIn = await app.register();
    await changeRole(signedIn.user.id, 'VENDOR');
    await app.sql(
      `update users set access_changed_at = access_changed_at - interval '11 min' where id = $1`,
      [signedIn.user.id],
    );
    const { staleVersions } = await app.asService(auth.actions.revocations, {});
    expect(staleVersions.map(({ userId }) => userId)).not.toContain(signedIn.user.id);
  });
});

describe('decisions', () => {
  it('about the administrator’s own account are refused', async () => {
    await expect(suspendUser(admin.userId)).rejects.toMatchObject({ code: 'own_account' });
    await expect(changeRole(admin.userId, 'CUSTOMER')).rejects.toMatchObject({ code: 'own_account' });
  });

  it.each([
    ['an unknown user', 'user_not_found'],
    ['a closed account', 'account_closed'],
  ])('about %s are refused', async (what, code) => {
    const closed = await app.register();
    await app.sql(`update users set status = 'deleted' where id = $1`, [closed.user.id]);
    const id = what === 'an unknown user' ? newId('user', Date.now()) : closed.user.id;
    await expect(suspendUser(id)).rejects.toMatchObject({ code });
    await expect(restoreUser(id)).rejects.toMatchObject({ code });
    await expect(changeRole(id, 'VENDOR')).rejects.toMatchObject({ code });
  });

  it('are reserved to administrators, and need a reason', async () => {
    const signedIn = await app.register();
    const as = callerOf(signedIn);
    const { id } = (await app.register()).user;
    await expect(suspendUser(id, as)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(restoreUser(id, as)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(changeRole(id, 'ADMIN', as)).rejects.toMatchObject({ code: 'forbidden' });
    const without = app.call(suspend, { id, reason: ' ' }, { as: admin });
    await expect(without).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [{ path: 'reason' }] },
    });
  });

  it('of a former administrator are refused, although the access token still carries the role', async () => {
    const former = await app.admin();
    await changeRole(former.userId, 'CUSTOMER');
    const { id } = (await app.register()).user;
    await expect(suspendUser(id, former)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('leave one administrator when two demote or suspend each other at once, in 20 rounds', async () => {
    for (let round = 0; round < 20; round++) {
      await app.sql(`update users set role = 'CUSTOMER' where role = 'ADMIN'`);
      const [a, b] = [await app.admin(), await app.admin()];
      const takeRights = (id: string, as: Caller) =>
        round % 2 ? suspendUser(id, as) : changeRole(id, 'VENDOR', as);
      const outcomes = await Promise.allSettled([takeRights(b.userId, a), takeRights(a.userId, b)]);
      const refused = outcomes.filter((one) => one.status === 'rejected');
      expect(refused.map((one) => (one.reason as { code: string }).code)).toEqual(['last_admin']);
      const left = `select 1 from users where role = 'ADMIN' and status = 'active'`;
      expect(await app.sql(left)).toHaveLength(1);
    }
  });
});
