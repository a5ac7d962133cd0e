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
  it('creates a customer by default or a vendor, and signs the user in', async () => {
    const registered = await app.register();
    expect(registered.user).toMatchObject({ role: 'CUSTOMER', status: 'active', name: 'Ada' });
    expect(await app.call(auth.actions.me, {}, { as: callerOf(registered) })).toEqual(registered.user);
    const vendor = await app.call(auth.actions.register, { ...app.newAccount(), role: 'VENDOR' });
    expect(vendor.user.role).toBe('VENDOR');
  });

  it('publishes the user and the session', async () => {
    const { user, tokens } = await app.register();
    expect((await app.eventsOf('userChanged', user.id, 1))[0]).toMatchObject({
      email: user.email,
      version: 1,
    });
    const { sessionId } = callerOf({ tokens });
    expect((await app.eventsOf('sessionStarted', user.id, 1))[0]).toMatchObject({ sessionId });
  });

  it('refuses an existing e-mail address, regardless of case and surrounding spaces', async () => {
    const { user } = await app.register();
    const again = { ...app.newAccount(), email: ` ${user.email.toUpperCase()} ` };
    await expect(app.call(auth.actions.register, again)).rejects.toMatchObject({
      code: 'email_taken',
      data: { errors: [{ path: 'email' }] },
    });
  });

  it('knows an address under an international domain in both of its forms', async () => {
    const account = { ...app.newAccount(), email: 'Ada@Bücher.example' };
    const { user } = await app.call(auth.actions.register, account);
    expect(user.email).toBe('ada@xn--bcher-kva.example');
    for (const email of ['ada@BÜCHER.example', 'ada@xn--bcher-kva.EXAMPLE', 'ada@bu\u0308cher.example']) {
      const again = { ...app.newAccount(), email };
      await expect(app.call(auth.actions.register, again)).rejects.toMatchObject({ code: 'email_taken' });
      const signedIn = await app.call(auth.actions.login, { email, password: account.password });
      expect(signedIn.user.id).toBe(user.id);
      const found = await app.call(auth.actions.findUser, { email }, { from: 'payments' });
      expect(found.user?.id).toBe(user.id);
    }
  });

  it('refuses an address whose domain cannot exist', async () => {
    const account = { ...app.newAccount(), email: 'ada@xn--99999999.example' };
    await expect(app.call(auth.actions.register, account)).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [{ path: 'email' }] },
    });
  });

  it('takes every sign of RFC 5322 before the @', async () => {
    const email = "o'neil+!#$%&*/=?^_`{|}~-@example.com";
    const account = { ...app.newAccount(), email };
    await app.call(auth.actions.register, account);
    const { user } = await app.call(auth.actions.login, { email, password: account.password });
    expect(user.email).toBe(email);
  });

  it('stores a name in its composed form', async () => {
    const account = { ...app.newAccount(), name: ' Jose\u0301 علی\u200cرضا ' };
    const { user } = await app.call(auth.actions.register, account);
    expect(user.name).toBe('Jos\u00e9 علی\u200cرضا');
  });

  it('creates one account for ten concurrent requests with the same address', async () => {
    const account = app.newAccount();
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
    ['half a surrogate pair in the name', { name: 'A\ud800da' }, 'name'],
    ['half a surrogate pair in the password', { password: 'TestPassword123!\udc00' }, 'password'],
    ['a blank name', { name: '\u3164\u2800' }, 'name'],
    ['a name that turns the text around it', { name: '\u202eadA' }, 'name'],
    ['a name with invisible characters', { name: 'Ada\u200b' }, 'name'],
    ['an unknown field', { status: 'active' }, 'status'],
  ])('refuses %s and names the field', async (_what, change, path) => {
    const wrong = { ...app.newAccount(), ...change } as never;
    await expect(app.call(auth.actions.register, wrong)).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [{ path }] },
    });
  });
});

describe('sign-in', () => {
  it('gives the same answer to an unknown e-mail address and to a wrong password', async () => {
    const registered = await app.register();
    const answers = await Promise.all(
      [registered.user.email, 'unknown@example.com'].map((email) =>
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
  ])('and refresh are refused to a %s user', async (status, code) => {
    const registered = await app.register();
    await app.sql('update users set status = $2 where id = $1', [registered.user.id, status]);
    await expect(app.login(registered)).rejects.toMatchObject({ code });
    await expect(app.refresh(registered.tokens.refreshToken)).rejects.toMatchObject({
      code: 'session_ended',
    });
    await expect(app.login(registered, 'Wrong-Password-1')).rejects.toMatchObject({
      code: 'wrong_credentials',
    });
  });

  it('for tokens returns tokens and a device token only', async () => {
    const { user } = await app.register();
    const tokens = await app.call(auth.actions.tokens, { email: user.email, password: PASSWORD });
    expect(Object.keys(tokens).sort()).toEqual(['accessToken', 'deviceToken', 'expiresInS', 'refreshToken']);
    const next = await app.call(auth.actions.refreshTokens, { refreshToken: tokens.refreshToken });
    expect(callerOf({ tokens: next })).toEqual(callerOf({ tokens }));
  });

  it('in a burst succeeds or is refused in a way that may be retried; no request is lost', async () => {
    const { user } = await app.register();
    const credentials = { email: user.email, password: PASSWORD };
    const all = await Promise.allSettled(
      Array.from({ length: 100 }, () => app.call(auth.actions.tokens, credentials)),
    );
    const refused = all.filter((one) => one.status === 'rejected');
    // That the queue takes 66 is a test of accounts/password-hashing; how many end within the time limit
    // depends on the machine.
    expect(all.length - refused.length).toBeGreaterThanOrEqual(20);
    for (const { reason } of refused) expect(reason.code).toMatch(/^(unavailable|timeout)$/);
  });
});

describe('an access token', () => {
  it('verifies with the published keys and lives ten minutes', async () => {
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

  it('is signed with a key whose private part is never published', async () => {
    const { keys } = await app.call(auth.actions.keys, {});
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});

describe('other services', () => {
  it('find a user by id or e-mail address; an unknown user gives null', async () => {
    const { user } = await app.register();
    const expected = { user: { ...user, version: 1 } };
    expect(await app.asService(auth.actions.findUser, { id: user.id })).toEqual(expected);
    expect(await app.asService(auth.actions.findUser, { email: user.email.toUpperCase() })).toEqual(expected);
    const unknown = { id: newId('user', Date.now()) };
    expect(await app.asService(auth.actions.findUser, unknown)).toEqual({ user: null });
  });

  it('create an administrator who can sign in; calls from outside cannot', async () => {
    const account = { ...app.newAccount(), role: 'ADMIN' as const };
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

  it('may call actions that are refused to calls from outside', async () => {
    const find = app.call(auth.actions.findUser, { email: 'a@b.example' });
    await expect(find).rejects.toMatchObject({ code: 'forbidden' });
    const list = app.call(auth.actions.revocations, {});
    await expect(list).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('no answer and no event', () => {
  it('contains a password or its hash', async () => {
    const registered = await app.register();
    const as = callerOf(registered);
    const answers = [
      registered,
      await app.login(registered),
      await app.call(auth.actions.me, {}, { as }),
      await app.asService(auth.actions.findUser, { id: registered.user.id }),
      await app.asService(auth.actions.createUser, { ...app.newAccount(), role: 'VENDOR' }),
      app.published,
    ];
    const text = JSON.stringify(answers);
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain('argon2');
    expect(text).not.toMatch(/"(passwordHash|password_hash|hash)"/);
  });
});
