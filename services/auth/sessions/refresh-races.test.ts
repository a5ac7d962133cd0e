import { decodeJwt } from 'jose';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { callerOf, startAuth, type AuthApp, type SignedIn } from '../testing/start-auth.ts';
import type { StartedSession } from './start-session.ts';

let app: AuthApp;
let admin: Caller;
beforeAll(async () => {
  // As many connections as concurrent refreshes, so that each waits for nothing but its session.
  app = await startAuth({ env: { AUTH_DATABASE_POOL_SIZE: '20' } });
  admin = await app.admin();
});
afterAll(() => app?.stop());

const reason = 'A test of races';
const ends: Record<string, (owner: SignedIn, session: StartedSession) => Promise<unknown>> = {
  'sign-out': ({ user }, { sessionId }) =>
    app.call(auth.actions.logout, {}, { as: { userId: user.id, role: user.role, sessionId } }),
  'ending it from another device': (owner, { sessionId }) =>
    app.call(auth.actions.endSession, { id: sessionId }, { as: callerOf(owner) }),
  'ending all others': (owner) => app.call(auth.actions.endOtherSessions, {}, { as: callerOf(owner) }),
  suspension: ({ user }) => app.call(auth.actions.suspend, { id: user.id, reason }, { as: admin }),
};

/**
 * Runs two chains of two refreshes and the end of the session concurrently.
 * @param starts 4: the end is complete before the first refresh; 0, 1, 2: it starts before, between or after
 *   the first two; 3: when one of them has been answered
 * @returns all tokens of the session, each once: concurrent refreshes return the same successor
 */
const race = async (
  end: () => Promise<unknown>,
  { refreshToken }: StartedSession,
  starts: number,
): Promise<string[]> => {
  const tokens = [refreshToken];
  const refresh = async (token: string): Promise<string> => {
    const next = (await app.refresh(token)).tokens.refreshToken;
    tokens.push(next);
    return next;
  };
  const running: Promise<unknown>[] = [];
  if (starts === 4) await end();
  if (starts === 0) running.push(end());
  const first = refresh(refreshToken);
  if (starts === 1) running.push(end());
  const second = refresh(refreshToken);
  if (starts === 2) running.push(end());
  if (starts === 3) running.push(Promise.race([first, second]).then(end, end));
  await Promise.allSettled([first.then(refresh), second.then(refresh), ...running]);
  return [...new Set(tokens)];
};

describe('a session that ends during refreshes', () => {
  const ROUNDS = 50;
  const SESSIONS = 5;
  let owner: SignedIn;
  // Four ends × 50 rounds × 5 sessions: 1,000 races.
  it.each(Object.keys(ends))(
    'by %s stays ended, in 250 races',
    async (how) => {
      let refreshed = 0;
      for (let round = 0; round < ROUNDS; round++) {
        if (round % 10 === 0 || how === 'suspension') owner = await app.register();
        const sessions = await app.startSessions(owner.user.id, SESSIONS);
        const tokens = await Promise.all(
          sessions.map((session) => race(() => ends[how]!(owner, session), session, round % 5)),
        );
        const afterwards = await Promise.allSettled(tokens.flat().map((token) => app.refresh(token)));
        for (const one of afterwards) {
          expect(one).toMatchObject({ status: 'rejected', reason: { code: 'session_ended' } });
        }
        const ids = sessions.map(({ sessionId }) => sessionId);
        expect(
          await app.sql('select 1 from sessions where id = any($1) and ended_at is null', [ids]),
        ).toEqual([]);
        expect(await app.sql('select 1 from refresh_tokens where session_id = any($1)', [ids])).toEqual([]);
        refreshed += tokens.flat().length - SESSIONS;
      }
      // Each order occurs: some refreshes came before the end, and some after it.
      expect(refreshed).toBeGreaterThan(0);
      expect(refreshed).toBeLessThan(2 * ROUNDS * SESSIONS);
    },
    120_000,
  );
});

it('ten tabs that refresh at once, 500 times, stay signed in and get the same token', async () => {
  const owner = await app.register();
  const browsers = await app.startSessions(owner.user.id, 2);
  const keepOpen = async ({ refreshToken }: StartedSession): Promise<void> => {
    let token = refreshToken;
    for (let expiry = 0; expiry < 250; expiry++) {
      const tabs = await Promise.all(Array.from({ length: 10 }, () => app.refresh(token)));
      const successors = new Set(tabs.map(({ tokens }) => tokens.refreshToken));
      expect(successors.size).toBe(1);
      expect(successors).not.toContain(token);
      token = [...successors][0] as string;
    }
  };
  await Promise.all(browsers.map(keepOpen));
  const ended = 'select 1 from sessions where user_id = $1 and ended_at is not null';
  expect(await app.sql(ended, [owner.user.id])).toEqual([]);
}, 120_000);

it('a refresh during a role change carries the old role and version, or the new ones', async () => {
  const owner = await app.register();
  const sessions = await app.startSessions(owner.user.id, 5);
  const tokens = sessions.map(({ refreshToken }) => refreshToken);
  for (let round = 1; round <= 40; round++) {
    const role = round % 2 ? 'VENDOR' : 'CUSTOMER';
    const change = app.call(auth.actions.setRole, { id: owner.user.id, role, reason }, { as: admin });
    const refreshed = await Promise.all(tokens.map((token) => app.refresh(token)));
    await change;
    refreshed.forEach((one, index) => {
      tokens[index] = one.tokens.refreshToken;
      const claims = decodeJwt<{ ver: number; role: string }>(one.tokens.accessToken);
      expect([round, round + 1]).toContain(claims.ver);
      expect(claims.role).toBe(claims.ver % 2 ? 'CUSTOMER' : 'VENDOR');
    });
  }
});
