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
const suspendOf = (id: string, as = admin) => app.call(suspend, { id, reason }, { as });
const restoreOf = (id: string, as = admin) => app.call(restore, { id, reason }, { as });
const roleOf = (id: string, role: Role, as = admin) => app.call(setRole, { id, role, reason }, { as });
const versionOf = ({ tokens }: Pick<SignedIn, 'tokens'>) => decodeJwt(tokens.accessToken)['ver'];

describe('a suspension', () => {
  it('ends every session at once, and nobody signs in or refreshes', async () => {
    const made = await app.register();
    const other = await app.login(made);
    expect(await suspendOf(made.user.id)).toEqual({ ...made.user, status: 'suspended' });
    for (const { tokens } of [made, other]) {
      await expect(app.refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
      expect(app.signalled).toContain(callerOf({ tokens }).sessionId);
    }
    await expect(app.login(made)).rejects.toMatchObject({ code: 'account_suspended' });
    await expect(app.login(made, 'Wrong-Password-1')).rejects.toMatchObject({ code: 'wrong_credentials' });
    const { id } = made.user;
    expect(await app.eventsOf('userSuspended', id, 1)).toMatchObject([{ by: admin.userId, reason }]);
    expect(await app.eventsOf('userChanged', id, 2)).toMatchObject([{}, { status: 'suspended', version: 2 }]);
    const ended = await app.eventsOf('sessionEnded', id, 2);
    expect(ended).toMatchObject([{ reason: 'suspended' }, { reason: 'suspended' }]);
  });

  it('is lifted by a restoration; sessions stay ended', async () => {
    const made = await app.register();
    await suspendOf(made.user.id);
    expect(await restoreOf(made.user.id)).toEqual(made.user);
    await expect(app.refresh(made.tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    await app.login(made);
    expect(await app.eventsOf('userRestored', made.user.id, 1)).toMatchObject([{ by: admin.userId, reason }]);
    expect(await app.eventsOf('userChanged', made.user.id, 3)).toMatchObject([{}, {}, { status: 'active' }]);
  });

  it('and a restoration that change nothing answer the user and tell nothing', async () => {
    const made = await app.register();
    expect(await restoreOf(made.user.id)).toEqual(made.user);
    const suspended = await suspendOf(made.user.id);
    expect(await suspendOf(made.user.id)).toEqual(suspended);
    await restoreOf(made.user.id);
    await app.eventsOf('userRestored', made.user.id, 1);
    await app.eventsOf('userSuspended', made.user.id, 1);
  });
});

describe('a new role', () => {
  it('outdates older tokens at once and signs nobody out', async () => {
    const made = await app.register();
    const { id } = made.user;
    expect(versionOf(made)).toBe(1);
    expect(await roleOf(id, 'VENDOR')).toEqual({ ...made.user, role: 'VENDOR' });
    expect(app.staleVersions).toContainEqual({ userId: id, version: 2 });
    expect((await app.asService(auth.actions.revocations, {})).staleVersions).toContainEqual({
      userId: id,
      version: 2,
    });
    const refreshed = await app.refresh(made.tokens.refreshToken);
    expect(callerOf(refreshed)).toEqual({ ...callerOf(made), role: 'VENDOR' });
    expect(versionOf(refreshed)).toBe(2);
    expect(versionOf(await app.login(made))).toBe(2);
    expect(await app.eventsOf('roleChanged', id, 1)).toMatchObject([
      { role: 'VENDOR', previousRole: 'CUSTOMER', accessVersion: 2, by: admin.userId, reason },
    ]);
    expect(await app.eventsOf('userChanged', id, 2)).toMatchObject([{}, { role: 'VENDOR', version: 2 }]);
  });

  it('that the user has already changes and tells nothing', async () => {
    const made = await app.register();
    expect(await roleOf(made.user.id, 'CUSTOMER')).toEqual(made.user);
    expect(versionOf(await app.login(made))).toBe(1);
    await roleOf(made.user.id, 'VENDOR');
    await app.eventsOf('roleChanged', made.user.id, 1);
  });

  it('is told of for one lifetime of an access token and a margin', async () => {
    const made = await app.register();
    await roleOf(made.user.id, 'VENDOR');
    await app.sql(
      `update users set access_changed_at = access_changed_at - interval '11 min' where id = $1`,
      [made.user.id],
    );
    const { staleVersions } = await app.asService(auth.actions.revocations, {});
    expect(staleVersions.map(({ userId }) => userId)).not.toContain(made.user.id);
  });
});

describe('decisions', () => {
  it('about oneself are refused', async () => {
    await expect(suspendOf(admin.userId)).rejects.toMatchObject({ code: 'own_account' });
    await expect(roleOf(admin.userId, 'CUSTOMER')).rejects.toMatchObject({ code: 'own_account' });
  });

  it('about nobody find nobody', async () => {
    const unknown = newId('user', Date.now());
    const deleted = await app.register();
    await app.sql(`update users set status = 'deleted' where id = $1`, [deleted.user.id]);
    for (const id of [unknown, deleted.user.id]) {
      await expect(suspendOf(id)).rejects.toMatchObject({ code: 'user_not_found' });
      await expect(restoreOf(id)).rejects.toMatchObject({ code: 'user_not_found' });
      await expect(roleOf(id, 'VENDOR')).rejects.toMatchObject({ code: 'user_not_found' });
    }
  });

  it('are an administrator’s, with a reason', async () => {
    const made = await app.register();
    const as = callerOf(made);
    const { id } = (await app.register()).user;
    await expect(suspendOf(id, as)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(restoreOf(id, as)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(roleOf(id, 'ADMIN', as)).rejects.toMatchObject({ code: 'forbidden' });
    const without = app.call(suspend, { id, reason: ' ' }, { as: admin });
    await expect(without).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [{ path: 'reason' }] },
    });
  });

  it('of somebody who is no administrator any more are refused, whatever their token says', async () => {
    const former = await app.admin();
    await roleOf(former.userId, 'CUSTOMER');
    const { id } = (await app.register()).user;
    await expect(suspendOf(id, former)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('leave an administrator when all demote or suspend each other at once, in 20 rounds', async () => {
    for (let round = 0; round < 20; round++) {
      await app.sql(`update users set role = 'CUSTOMER' where role = 'ADMIN'`);
      const [a, b] = [await app.admin(), await app.admin()];
      const take = (id: string, as: Caller) => (round % 2 ? suspendOf(id, as) : roleOf(id, 'VENDOR', as));
      const outcomes = await Promise.allSettled([take(b.userId, a), take(a.userId, b)]);
      const refused = outcomes.filter((one) => one.status === 'rejected');
      expect(refused.map((one) => (one.reason as { code: string }).code)).toEqual(['last_admin']);
      const left = `select 1 from users where role = 'ADMIN' and status = 'active'`;
      expect(await app.sql(left)).toHaveLength(1);
    }
  });
});
