import type { Caller } from '../../../broker/calls/envelope.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { purgeJobs } from '../jobs/purge.ts';
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
  it('rotates: each answer contains a new refresh token of the same session', async () => {
    const first = await app.register();
    const second = await app.refresh(first.tokens.refreshToken);
    const third = await app.refresh(second.tokens.refreshToken);
    const seen = [first, second, third].map(({ tokens }) => tokens.refreshToken);
    expect(new Set(seen).size).toBe(3);
    for (const token of seen) expect(token).toMatch(/^rt_[\w-]{86}$/);
    expect(callerOf(third)).toEqual(callerOf(first));
    expect(third.user).toEqual(first.user);
  });

  it('succeeds twenty times at once with one successor, and ends no session', async () => {
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
    [
      'after the grace period',
      async (signedIn: SignedIn) => void (await app.age(callerOf(signedIn).sessionId, 301)),
    ],
    [
      'once its successor is used',
      async (_first: SignedIn, next: SignedIn) => void (await app.refresh(next.tokens.refreshToken)),
    ],
  ])('with a used token %s ends the session and all its tokens', async (_when, meanwhile) => {
    const signedIn = await app.register();
    const other = await app.login(signedIn);
    const next = await app.refresh(signedIn.tokens.refreshToken);
    await meanwhile(signedIn, next);
    const { sessionId, userId } = callerOf(signedIn);
    await expect(app.refresh(signedIn.tokens.refreshToken)).rejects.toMatchObject({ code: 'refresh_reused' });
    await expect(app.refresh(next.tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    expect((await app.eventsOf('sessionEnded', userId, 1))[0]).toMatchObject({
      sessionId,
      reason: 'refresh_reused',
    });
    expect(app.signalled.sessionIds).toContain(sessionId);
    await app.refresh(other.tokens.refreshToken);
  });

  it('of a token whose answer was lost succeeds for minutes, with the same successor', async () => {
    const { tokens, user } = await app.register();
    const lost = await app.refresh(tokens.refreshToken);
    await app.sql(
      `update refresh_tokens set used_at = used_at - interval '4 min' where used_at is not null
      and session_id in (select id from sessions where user_id = $1)`,
      [user.id],
    );
    const repeated = await app.refresh(tokens.refreshToken);
    expect(repeated.tokens.refreshToken).toBe(lost.tokens.refreshToken);
    await app.refresh(repeated.tokens.refreshToken);
    await expect(app.refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'refresh_reused' });
  });

  it('leaves two rows of a session, and the use of a token without a row ends the session', async () => {
    const signedIn = await app.register();
    const { sessionId, userId } = callerOf(signedIn);
    const used = [signedIn.tokens.refreshToken];
    for (let n = 0; n < 10; n++) used.push((await app.refresh(used.at(-1) as string)).tokens.refreshToken);
    const rows = await app.sql('select hash from refresh_tokens where session_id = $1', [sessionId]);
    expect(rows).toHaveLength(2);
    await expect(app.refresh(used[3] as string)).rejects.toMatchObject({ code: 'refresh_reused' });
    await expect(app.refresh(used.at(-1) as string)).rejects.toMatchObject({ code: 'session_ended' });
    await expect(app.refresh(used[3] as string)).rejects.toMatchObject({ code: 'session_ended' });
    await app.eventsOf('sessionEnded', userId, 1);
  });

  it('with an invented token of a known session is refused and ends nothing', async () => {
    const signedIn = await app.register();
    const bytes = Buffer.from(signedIn.tokens.refreshToken.slice(3), 'base64url');
    bytes.fill(7, 16);
    const invented = `rt_${bytes.toString('base64url')}`;
    await expect(app.refresh(invented)).rejects.toMatchObject({ code: 'session_ended' });
    await app.refresh(signedIn.tokens.refreshToken);
  });

  it('of a token of an older version succeeds, and its used rows are purged', async () => {
    const { tokens, user } = await app.register();
    const { sessionId } = callerOf({ tokens });
    const old = `rt_${'x'.repeat(43)}`;
    await app.sql(`delete from refresh_tokens where session_id = $1`, [sessionId]);
    await app.sql('update sessions set token_key = null where id = $1', [sessionId]);
    await app.sql(
      `insert into refresh_tokens (hash, session_id, issued_at, expires_at, used_at)
       select sha256(convert_to($2 || n, 'UTF8')), $1, now(), now() + interval '1 day',
         case when n > 0 then now() - interval '2 days' end
       from generate_series(1, 50) n
       union all select sha256(convert_to($2, 'UTF8')), $1, now(), now() + interval '1 day', null`,
      [sessionId, old],
    );
    const next = await app.refresh(old);
    expect(next.user.id).toBe(user.id);
    expect((await app.refresh(old)).tokens.refreshToken).toBe(next.tokens.refreshToken);
    for (const { run } of purgeJobs) await run(app.service);
    expect(await app.sql('select 1 from refresh_tokens where session_id = $1', [sessionId])).toHaveLength(2);
    const last = await app.refresh(next.tokens.refreshToken);
    expect(last.tokens.refreshToken).toMatch(/^rt_[\w-]{86}$/);
    // Its row is gone, and it carries no tag.
    await expect(app.refresh(old)).rejects.toMatchObject({ code: 'session_ended' });
    await app.refresh(last.tokens.refreshToken);
  });

  it('of a stolen token is detected when both holders continue', async () => {
    const signedIn = await app.register();
    const thief = await app.refresh(signedIn.tokens.refreshToken);
    const victim = await app.refresh(signedIn.tokens.refreshToken);
    await app.refresh(thief.tokens.refreshToken);
    await app.age(callerOf(signedIn).sessionId, 301);
    await expect(app.refresh(victim.tokens.refreshToken)).rejects.toMatchObject({ code: 'refresh_reused' });
  });

  it('needs a known token that has not expired', async () => {
    const { tokens } = await app.register();
    await expect(app.call(auth.actions.refresh, {})).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(app.refresh('\u0000')).rejects.toMatchObject({ code: 'invalid_params' });
    for (const token of ['rt_unknown', '%00', tokens.accessToken.slice(0, 200)]) {
      await expect(app.refresh(token)).rejects.toMatchObject({ code: 'session_ended' });
    }
    await app.sql(`update refresh_tokens set expires_at = now() - interval '1 s'`);
    await expect(app.refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
  });

  it('leaves nothing in the database from which a token can be derived', async () => {
    const { tokens } = await app.register();
    const next = await app.refresh(tokens.refreshToken);
    const rows = JSON.stringify(
      await app.sql(
        `select t::text, s::text, encode(hash, 'base64') as hash
         from refresh_tokens t join sessions s on s.id = t.session_id`,
      ),
    );
    for (const token of [tokens.refreshToken, next.tokens.refreshToken]) {
      const bytes = Buffer.from(token.slice(3), 'base64url');
      for (const encoded of [token, bytes.toString('hex'), bytes.toString('base64')]) {
        expect(rows).not.toContain(encoded);
      }
    }
  });
});

describe('sign-out', () => {
  it('ends the session at once, publishes it, and may be repeated', async () => {
    const signedIn = await app.register();
    const as = callerOf(signedIn);
    await app.call(auth.actions.logout, {}, { as });
    expect(app.signalled.sessionIds).toContain(as.sessionId);
    await expect(app.refresh(signedIn.tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    expect((await app.asService(auth.actions.revocations, {})).sessionIds).toContain(as.sessionId);
    await app.call(auth.actions.logout, {}, { as });
    expect((await app.eventsOf('sessionEnded', as.userId, 1))[0]).toMatchObject({ reason: 'signed_out' });
  });

  it('is listed as a revocation for one access-token lifetime and a margin', async () => {
    const signedIn = await app.register();
    const as = callerOf(signedIn);
    await app.call(auth.actions.logout, {}, { as });
    await app.sql(`update sessions set ended_at = ended_at - interval '11 min' where id = $1`, [
      as.sessionId,
    ]);
    expect((await app.asService(auth.actions.revocations, {})).sessionIds).not.toContain(as.sessionId);
  });

  it('needs a signed-in caller', async () => {
    await expect(app.call(auth.actions.logout, {})).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(app.call(auth.actions.me, {})).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('a changed password', () => {
  const change = (as: Caller, currentPassword = PASSWORD, newPassword = OTHER_PASSWORD) =>
    app.call(auth.actions.changePassword, { currentPassword, newPassword }, { as });

  it('ends every other session and keeps this one', async () => {
    const signedIn = await app.register();
    const others = [await app.login(signedIn), await app.login(signedIn)];
    await change(callerOf(signedIn));
    for (const { tokens } of others) {
      await expect(app.refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
    }
    for (const other of others) expect(app.signalled.sessionIds).toContain(callerOf(other).sessionId);
    await app.refresh(signedIn.tokens.refreshToken);
    await expect(app.login(signedIn)).rejects.toMatchObject({ code: 'wrong_credentials' });
    await app.login(signedIn, OTHER_PASSWORD);
    const { user } = await app.asService(auth.actions.findUser, { id: signedIn.user.id });
    expect(user?.version).toBe(2);
    await app.eventsOf('sessionEnded', signedIn.user.id, 2);
    await app.eventsOf('passwordChanged', signedIn.user.id, 1);
    await app.eventsOf('userChanged', signedIn.user.id, 2);
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
