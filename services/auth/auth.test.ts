import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { newId } from '../../broker/process/ids.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { callerOf, PASSWORD, startAuth, type AuthApp } from './testing/start-auth.ts';

let app: AuthApp;
beforeAll(async () => {
  app = await startAuth();
});
afterAll(() => app?.stop());

describe('registration', () => {
  it('makes a customer unless a vendor is asked for, and signs in', async () => {
    const made = await app.register();
    expect(made.user).toMatchObject({ role: 'CUSTOMER', status: 'active', name: 'Ada' });
    expect(await app.call(auth.actions.me, {}, { as: callerOf(made) })).toEqual(made.user);
    const vendor = await app.call(auth.actions.register, { ...app.anAccount(), role: 'VENDOR' });
    expect(vendor.user.role).toBe('VENDOR');
  });

  it('tells of the user and the session', async () => {
    const { user, tokens } = await app.register();
    expect((await app.eventsOf('userChanged', user.id, 1))[0]).toMatchObject({
      email: user.email,
      version: 1,
    });
    const { sessionId } = callerOf({ tokens });
    expect((await app.eventsOf('sessionStarted', user.id, 1))[0]).toMatchObject({ sessionId });
  });

  it('refuses an e-mail address that is known, however it is written', async () => {
    const { user } = await app.register();
    const again = { ...app.anAccount(), email: ` ${user.email.toUpperCase()} ` };
    await expect(app.call(auth.actions.register, again)).rejects.toMatchObject({
      code: 'email_taken',
      data: { errors: [{ path: 'email' }] },
    });
  });

  it('gives one account to ten who want the same address at once', async () => {
    const account = app.anAccount();
    const all = await Promise.allSettled(
      Array.from({ length: 10 }, () => app.call(auth.actions.register, account)),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = all.filter((one) => one.status === 'rejected');
    expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(
      Array(9).fill('email_taken'),
    );
  });

  it.each([
    ['a short password', { password: 'Short1!' }, 'password'],
    ['a password without a digit', { password: 'TestPassword!!!!' }, 'password'],
    ['an administrator', { role: 'ADMIN' }, 'role'],
    ['a control character in the name', { name: 'A\u0000da' }, 'name'],
    ['an unknown field', { status: 'active' }, 'status'],
  ])('refuses %s beside the field', async (_what, change, path) => {
    const wrong = { ...app.anAccount(), ...change } as never;
    await expect(app.call(auth.actions.register, wrong)).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [{ path }] },
    });
  });
});

describe('sign-in', () => {
  it('answers an unknown e-mail address and a wrong password alike', async () => {
    const made = await app.register();
    const answers = await Promise.all(
      [made.user.email, 'nobody@example.com'].map((email) =>
        app
          .call(auth.actions.login, { email, password: 'Wrong-Password-1' })
          .catch((error: unknown) => error),
      ),
    );
    const [wrong, unknown] = answers as { code: string; data: object; message: string }[];
    expect(wrong).toMatchObject({ code: 'wrong_credentials', data: {} });
    expect({ ...unknown, message: unknown?.message }).toEqual({ ...wrong, message: wrong?.message });
  });

  it.each([
    ['suspended', 'account_suspended'],
    ['deleted', 'wrong_credentials'],
  ])('and refresh are refused to a user who is %s', async (status, code) => {
    const made = await app.register();
    await app.sql('update users set status = $2 where id = $1', [made.user.id, status]);
    await expect(app.login(made)).rejects.toMatchObject({ code });
    await expect(app.refresh(made.tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    await expect(app.login(made, 'Wrong-Password-1')).rejects.toMatchObject({ code: 'wrong_credentials' });
  });

  it('for tokens gives tokens only', async () => {
    const { user } = await app.register();
    const tokens = await app.call(auth.actions.tokens, { email: user.email, password: PASSWORD });
    expect(Object.keys(tokens).sort()).toEqual(['accessToken', 'expiresInS', 'refreshToken']);
    const next = await app.call(auth.actions.refreshTokens, { refreshToken: tokens.refreshToken });
    expect(callerOf({ tokens: next })).toEqual(callerOf({ tokens }));
  });

  it('in a burst is served or told to come back, never lost', async () => {
    const { user } = await app.register();
    const credentials = { email: user.email, password: PASSWORD };
    const all = await Promise.allSettled(
      Array.from({ length: 100 }, () => app.call(auth.actions.tokens, credentials)),
    );
    const refused = all.filter((one) => one.status === 'rejected');
    expect(all.length - refused.length).toBeGreaterThanOrEqual(66);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'unavailable' });
  });
});

describe('an access token', () => {
  it('is verified with the published keys and lives ten minutes', async () => {
    const { tokens, user } = await app.register();
    const { keys } = await app.call(auth.actions.keys, {});
    const { payload } = await jwtVerify(
      tokens.accessToken,
      createLocalJWKSet({ keys } as unknown as JSONWebKeySet),
      { algorithms: ['EdDSA'], audience: 'payloom', issuer: 'http://localhost:3000', typ: 'at+jwt' },
    );
    expect(payload).toMatchObject({ sub: user.id, role: 'CUSTOMER' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    expect(tokens.expiresInS).toBe(600);
    expect(payload.jti).toBeTruthy();
    expect(keys.map(({ kid }) => kid)).toContain(decodeProtectedHeader(tokens.accessToken).kid);
  });

  it('is signed with a key whose private half is never told', async () => {
    const { keys } = await app.call(auth.actions.keys, {});
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});

describe('other services', () => {
  it('find a user by id or e-mail address, or nobody', async () => {
    const { user } = await app.register();
    const expected = { user: { ...user, version: 1 } };
    expect(await app.asService(auth.actions.findUser, { id: user.id })).toEqual(expected);
    expect(await app.asService(auth.actions.findUser, { email: user.email.toUpperCase() })).toEqual(expected);
    const nobody = { id: newId('user', Date.now()) };
    expect(await app.asService(auth.actions.findUser, nobody)).toEqual({ user: null });
  });

  it('make an administrator who can sign in; from outside nobody can', async () => {
    const account = { ...app.anAccount(), role: 'ADMIN' as const };
    const outside = app.call(auth.actions.createUser, account);
    await expect(outside).rejects.toMatchObject({ code: 'forbidden' });
    const user = await app.asService(auth.actions.createUser, account);
    const signedIn = await app.call(auth.actions.login, { email: account.email, password: PASSWORD });
    expect(signedIn.user).toEqual(user);
    expect(callerOf(signedIn).role).toBe('ADMIN');
    await expect(app.asService(auth.actions.createUser, account)).rejects.toMatchObject({
      code: 'email_taken',
    });
  });

  it('ask what nobody outside may', async () => {
    const ask = app.call(auth.actions.findUser, { email: 'a@b.example' });
    await expect(ask).rejects.toMatchObject({ code: 'forbidden' });
    const list = app.call(auth.actions.revocations, {});
    await expect(list).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('no answer and no event', () => {
  it('holds a password or its hash', async () => {
    const made = await app.register();
    const as = callerOf(made);
    const answers = [
      made,
      await app.login(made),
      await app.call(auth.actions.me, {}, { as }),
      await app.asService(auth.actions.findUser, { id: made.user.id }),
      await app.asService(auth.actions.createUser, { ...app.anAccount(), role: 'VENDOR' }),
      app.told,
    ];
    const text = JSON.stringify(answers);
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain('argon2');
    expect(text).not.toMatch(/"(passwordHash|password_hash|hash)"/);
  });
});
