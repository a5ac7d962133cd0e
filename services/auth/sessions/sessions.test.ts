import type { Caller } from '../../../broker/calls/envelope.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import {
  callerOf,
  OTHER_PASSWORD,
  PASSWORD,
  startAuth,
  type AuthApp,
  type SignedIn,
} from '../testing/start-auth.ts';

let app: AuthApp;
beforeAll(async () => {
  app = await startAuth();
});
afterAll(() => app?.stop());

describe('refresh', () => {
  it('rotates: each answer brings a new refresh token of the same session', async () => {
    const first = await app.register();
    const second = await app.refresh(first.tokens.refreshToken);
    const third = await app.refresh(second.tokens.refreshToken);
    const seen = [first, second, third].map(({ tokens }) => tokens.refreshToken);
    expect(new Set(seen).size).toBe(3);
    for (const token of seen) expect(token).toMatch(/^rt_[\w-]{43}$/);
    expect(callerOf(third)).toEqual(callerOf(first));
    expect(third.user).toEqual(first.user);
  });

  it('twenty times at once gives no failure, one successor and signs nobody out', async () => {
    const { tokens } = await app.register();
    const all = await Promise.all(Array.from({ length: 20 }, () => app.refresh(tokens.refreshToken)));
    const successors = new Set(all.map((one) => one.tokens.refreshToken));
    expect(successors.size).toBe(1);
    const next = await Promise.all(
      Array.from({ length: 20 }, () => app.refresh([...successors][0] as string)),
    );
    expect(new Set(next.map((one) => one.tokens.refreshToken)).size).toBe(1);
    await app.refresh(next[0]?.tokens.refreshToken as string);
  });

  it.each([
    ['after the grace', async (made: SignedIn) => void (await app.age(callerOf(made).sessionId, 11))],
    [
      'once its successor is used',
      async (_made: SignedIn, next: SignedIn) => void (await app.refresh(next.tokens.refreshToken)),
    ],
  ])('with a used token %s ends the session and all its tokens', async (_when, meanwhile) => {
    const made = await app.register();
    const other = await app.login(made);
    const next = await app.refresh(made.tokens.refreshToken);
    await meanwhile(made, next);
    const { sessionId, userId } = callerOf(made);
    await expect(app.refresh(made.tokens.refreshToken)).rejects.toMatchObject({ code: 'refresh_reused' });
    await expect(app.refresh(next.tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    expect((await app.eventsOf('sessionEnded', userId, 1))[0]).toMatchObject({
      sessionId,
      reason: 'refresh_reused',
    });
    expect(app.signalled).toContain(sessionId);
    await app.refresh(other.tokens.refreshToken);
  });

  it('of a stolen token is noticed when both holders go on', async () => {
    const made = await app.register();
    const thief = await app.refresh(made.tokens.refreshToken);
    const victim = await app.refresh(made.tokens.refreshToken);
    await app.refresh(thief.tokens.refreshToken);
    await app.age(callerOf(made).sessionId, 11);
    await expect(app.refresh(victim.tokens.refreshToken)).rejects.toMatchObject({ code: 'refresh_reused' });
  });

  it('needs a token that is known and has not expired', async () => {
    const { tokens } = await app.register();
    await expect(app.call(auth.actions.refresh, {})).rejects.toMatchObject({ code: 'unauthenticated' });
    for (const token of ['rt_unknown', '\u0000', tokens.accessToken.slice(0, 200)]) {
      await expect(app.refresh(token)).rejects.toMatchObject({ code: 'session_ended' });
    }
    await app.sql(`update refresh_tokens set expires_at = now() - interval '1 s'`);
    await expect(app.refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
  });

  it('leaves nothing in the database that opens a session', async () => {
    const { tokens } = await app.register();
    const next = await app.refresh(tokens.refreshToken);
    const rows = JSON.stringify(
      await app.sql(`select t::text, encode(hash, 'base64') as hash from refresh_tokens t`),
    );
    for (const token of [tokens.refreshToken, next.tokens.refreshToken]) {
      const bytes = Buffer.from(token.slice(3), 'base64url');
      for (const written of [token, bytes.toString('hex'), bytes.toString('base64')]) {
        expect(rows).not.toContain(written);
      }
    }
  });
});

describe('sign-out', () => {
  it('ends the session at once, tells of it, and may be repeated', async () => {
    const made = await app.register();
    const as = callerOf(made);
    await app.call(auth.actions.logout, {}, { as });
    expect(app.signalled).toContain(as.sessionId);
    await expect(app.refresh(made.tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    expect((await app.asService(auth.actions.revocations, {})).sessionIds).toContain(as.sessionId);
    await app.call(auth.actions.logout, {}, { as });
    expect((await app.eventsOf('sessionEnded', as.userId, 1))[0]).toMatchObject({ reason: 'signed_out' });
  });

  it('is told of for one lifetime of an access token and a margin', async () => {
    const made = await app.register();
    const as = callerOf(made);
    await app.call(auth.actions.logout, {}, { as });
    await app.sql(`update sessions set ended_at = ended_at - interval '11 min' where id = $1`, [
      as.sessionId,
    ]);
    expect((await app.asService(auth.actions.revocations, {})).sessionIds).not.toContain(as.sessionId);
  });

  it('needs somebody who is signed in', async () => {
    await expect(app.call(auth.actions.logout, {})).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(app.call(auth.actions.me, {})).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('a changed password', () => {
  const change = (as: Caller, currentPassword = PASSWORD, newPassword = OTHER_PASSWORD) =>
    app.call(auth.actions.changePassword, { currentPassword, newPassword }, { as });

  it('ends every other session and keeps this one', async () => {
    const made = await app.register();
    const others = [await app.login(made), await app.login(made)];
    await change(callerOf(made));
    for (const { tokens } of others) {
      await expect(app.refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    }
    for (const other of others) expect(app.signalled).toContain(callerOf(other).sessionId);
    await app.refresh(made.tokens.refreshToken);
    await expect(app.login(made)).rejects.toMatchObject({ code: 'wrong_credentials' });
    await app.login(made, OTHER_PASSWORD);
    const { user } = await app.asService(auth.actions.findUser, { id: made.user.id });
    expect(user?.version).toBe(2);
    await app.eventsOf('sessionEnded', made.user.id, 2);
    await app.eventsOf('passwordChanged', made.user.id, 1);
    await app.eventsOf('userChanged', made.user.id, 2);
  });

  it.each([
    ['the current one is wrong', 'Wrong-Password-1', OTHER_PASSWORD, 'wrong_password', 'currentPassword'],
    ['it is the same', PASSWORD, PASSWORD, 'password_unchanged', 'newPassword'],
  ])('is refused when %s', async (_why, current, next, code, path) => {
    const as = callerOf(await app.register());
    await expect(change(as, current, next)).rejects.toMatchObject({ code, data: { errors: [{ path }] } });
  });

  it('is refused to a session that has ended', async () => {
    const as = callerOf(await app.register());
    await app.call(auth.actions.logout, {}, { as });
    await expect(change(as)).rejects.toMatchObject({ code: 'session_ended' });
  });
});
