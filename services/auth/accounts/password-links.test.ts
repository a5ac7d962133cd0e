import type { Caller } from '../../../broker/calls/envelope.ts';
import { settableClock } from '../../../broker/process/clock.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { callerOf, OTHER_PASSWORD, PASSWORD, startAuth, type AuthApp } from '../testing/start-auth.ts';

const HOUR_MS = 3_600_000;
const clock = settableClock();
let app: AuthApp;
let admin: Caller;
beforeAll(async () => {
  app = await startAuth({ clock, env: { PUBLIC_URL: 'https://pay.example.com/' } });
});
beforeEach(async () => {
  admin = await app.admin();
});
afterAll(() => app?.stop());

const reason = 'A new shop';
const { inviteUser, renewInvitation, resetPassword, setPassword, passwordLink, userDetails } = auth.actions;
const { suspend, restore, editUser, closeUser, findUser } = auth.actions;
const INVALID = { code: 'link_invalid' };

const tokenOf = ({ link }: { link: string | null }): string => String(link).split('#')[1] ?? '';
let invited = 0;
const invite = async (role: Role = 'VENDOR') => {
  const email = `shop${++invited}@example.com`;
  const issued = await app.call(inviteUser, { email, name: 'Shop', role, reason }, { as: admin });
  return { ...issued, email, id: issued.user.id, token: tokenOf(issued) };
};
const accept = (token: string, newPassword = PASSWORD) => app.call(setPassword, { token, newPassword });
const login = (email: string, password = PASSWORD) => app.call(auth.actions.login, { email, password });
const renew = async (id: UserId) => tokenOf(await app.call(renewInvitation, { id, reason }, { as: admin }));
const reset = async (id: UserId) => tokenOf(await app.call(resetPassword, { id, reason }, { as: admin }));
const stateOf = async (id: UserId) => (await app.call(userDetails, { id }, { as: admin })).state;

describe('an invitation', () => {
  it('is a link that sets the password, once', async () => {
    const { id, email, link, token, expiresAt, user } = await invite();
    expect(user).toMatchObject({ email, role: 'VENDOR', state: 'invited', mustSetPassword: true });
    expect(link).toBe(`https://pay.example.com/set-password#${token}`);
    expect(Date.parse(expiresAt) - clock.nowMs()).toBeGreaterThan(167 * HOUR_MS);
    await expect(login(email)).rejects.toMatchObject({ code: 'wrong_credentials' });
    expect(await app.call(passwordLink, { token })).toEqual({
      ...{ kind: 'invitation', email, name: 'Shop', expiresAt },
    });
    await accept(token);
    await expect(accept(token)).rejects.toMatchObject(INVALID);
    await expect(app.call(passwordLink, { token })).rejects.toMatchObject(INVALID);
    expect(await stateOf(id)).toBe('active');
    expect((await login(email)).user).toMatchObject({ id, role: 'VENDOR', status: 'active' });
    const after = { email, name: 'Shop', role: 'VENDOR', state: 'invited' };
    expect(await app.eventsOf('userInvited', id, 1)).toMatchObject([
      { by: admin.userId, reason, before: null, after, expiresAt },
    ]);
    await app.eventsOf('invitationAccepted', id, 1);
    expect(await app.eventsOf('userChanged', id, 2)).toMatchObject([
      { status: 'suspended', version: 1 },
      { status: 'active', version: 2 },
    ]);
  });

  it('counts as suspended for other services until it is accepted', async () => {
    const { id, token } = await invite();
    const statusOf = async () => (await app.asService(findUser, { id })).user?.status;
    expect(await statusOf()).toBe('suspended');
    await accept(token);
    expect(await statusOf()).toBe('active');
  });

  it('is renewed: the former link is void', async () => {
    const { id, token } = await invite();
    const renewed = await renew(id);
    await expect(accept(token)).rejects.toMatchObject(INVALID);
    await accept(renewed);
    await app.eventsOf('invitationRenewed', id, 1);
    await expect(renew(id)).rejects.toMatchObject({ code: 'not_invited' });
  });

  it('expires after seven days, and can be renewed then', async () => {
    const { id, token } = await invite();
    clock.set(clock.nowMs() + 7 * 24 * HOUR_MS + 1);
    await expect(accept(token)).rejects.toMatchObject(INVALID);
    expect((await app.call(userDetails, { id }, { as: admin })).link).toMatchObject({ kind: 'invitation' });
    await accept(await renew(id));
  });

  it('to an address that has an account is refused', async () => {
    const { email } = await invite();
    const again = { email: email.toUpperCase(), name: 'Shop', role: 'VENDOR' as const, reason };
    const refused = app.call(inviteUser, again, { as: admin });
    await expect(refused).rejects.toMatchObject({
      code: 'email_taken',
      data: { errors: [{ path: 'email' }] },
    });
  });

  it('of a suspended user works again after the restoration', async () => {
    const { id, token } = await invite();
    await app.call(suspend, { id, reason }, { as: admin });
    expect(await stateOf(id)).toBe('suspended');
    for (const refused of [accept(token), app.call(passwordLink, { token })]) {
      await expect(refused).rejects.toMatchObject({ code: 'account_suspended' });
    }
    await app.call(restore, { id, reason }, { as: admin });
    expect(await stateOf(id)).toBe('invited');
    await accept(token);
  });

  it('is void once the e-mail address changes or the account is closed', async () => {
    const [moved, closed] = [await invite(), await invite()];
    await app.call(editUser, { id: moved.id, email: `m-${moved.email}`, reason }, { as: admin });
    await app.call(closeUser, { id: closed.id, reason }, { as: admin });
    for (const { token } of [moved, closed]) await expect(accept(token)).rejects.toMatchObject(INVALID);
    await accept(await renew(moved.id));
    await login(`m-${moved.email}`);
  });

  it('of an administrator does not count as an administrator before it is accepted', async () => {
    await app.sql(`update users set role = 'CUSTOMER' where role = 'ADMIN' and id <> $1`, [admin.userId]);
    const { id, token } = await invite('ADMIN');
    const as = { ...admin, userId: id };
    const early = app.call(suspend, { id: admin.userId, reason }, { as });
    await expect(early).rejects.toMatchObject({ code: 'last_admin' });
    await accept(token);
    await app.call(suspend, { id: admin.userId, reason }, { as });
  });

  it('of a former administrator is refused', async () => {
    const former = admin;
    await app.sql(`update users set role = 'CUSTOMER' where id = $1`, [former.userId]);
    await expect(invite()).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a password reset', () => {
  it('voids the password and all sessions at once; the link sets another password, once', async () => {
    const signedIn = await app.register();
    const { id, email } = signedIn.user;
    const token = await reset(id);
    await expect(login(email)).rejects.toMatchObject({ code: 'wrong_credentials' });
    await expect(app.refresh(signedIn.tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    expect(app.signalled.sessionIds).toContain(callerOf(signedIn).sessionId);
    expect(await app.call(passwordLink, { token })).toMatchObject({ kind: 'reset', email });
    await accept(token, OTHER_PASSWORD);
    await expect(accept(token)).rejects.toMatchObject(INVALID);
    await login(email, OTHER_PASSWORD);
    expect(await app.eventsOf('passwordReset', id, 1)).toMatchObject([
      { by: admin.userId, reason, before: { needsLink: false }, after: { needsLink: true } },
    ]);
    await app.eventsOf('passwordChanged', id, 1);
  });

  it('again replaces the link, which expires after a day', async () => {
    const { user } = await app.register();
    const [first, second] = [await reset(user.id), await reset(user.id)];
    await expect(accept(first)).rejects.toMatchObject(INVALID);
    clock.set(clock.nowMs() + 24 * HOUR_MS + 1);
    await expect(accept(second)).rejects.toMatchObject(INVALID);
    await accept(await reset(user.id));
  });

  it('of an invited user is refused', async () => {
    const { id } = await invite();
    await expect(reset(id)).rejects.toMatchObject({ code: 'invitation_pending' });
  });
});

describe('a link', () => {
  it.each(['', 'pl_x', `pl_${'a'.repeat(43)}`, 'x'.repeat(200)])(
    'that nobody issued is refused: %s',
    async (token) => {
      await expect(accept(token)).rejects.toMatchObject(INVALID);
      await expect(app.call(passwordLink, { token })).rejects.toMatchObject(INVALID);
    },
  );

  it('stays valid when the password is not accepted', async () => {
    const { token } = await invite();
    await expect(accept(token, 'too-weak')).rejects.toMatchObject({ code: 'invalid_params' });
    await accept(token);
  });

  it('sets one password when it is used ten times at once', async () => {
    const { token, email, id } = await invite();
    const passwords = Array.from({ length: 10 }, (_, n) => `${PASSWORD}${n}`);
    const all = await Promise.allSettled(passwords.map((one) => accept(token, one)));
    const used = passwords.filter((_, n) => all[n]?.status === 'fulfilled');
    expect(used).toHaveLength(1);
    await login(email, used[0]);
    await app.eventsOf('invitationAccepted', id, 1);
  });

  it('is stored nowhere but as a hash', async () => {
    const { token } = await invite();
    for (const table of ['users', 'password_links', 'outbox', 'published_events']) {
      const rows = await app.sql(
        `select 1 from ${table} as t where to_jsonb(t)::text like '%' || $1 || '%'`,
        [token.slice(3)],
      );
      expect([table, rows]).toEqual([table, []]);
    }
  });
});
