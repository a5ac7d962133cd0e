import { setTimeout as after } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { callerOf, startAuth, type AuthApp, type SignedIn } from '../testing/start-auth.ts';
import { startSession } from './start-session.ts';

let app: AuthApp;
let admin: Caller;
beforeAll(async () => {
  // As many connections as refreshes at once, so that none waits for anything but its session.
  app = await startAuth({ env: { AUTH_DATABASE_POOL_SIZE: '20' } });
  admin = await app.admin();
});
afterAll(() => app?.stop());

/** Sessions of a user, as a sign-in opens them, without the time that passwords take. */
const openSessions = ({ user }: SignedIn, count: number) => {
  const place = { device: 'Unknown device', kind: 'program', address: null } as const;
  const opening = { userId: user.id, place, method: 'password', knownDevice: false } as const;
  return app.service.db.transaction(async (tx) => {
    const opened = [];
    for (let n = 0; n < count; n++) opened.push(await startSession(app.service, tx, opening));
    return opened;
  });
};
type Opened = Awaited<ReturnType<typeof openSessions>>[number];

const reason = 'Somebody has to';
const ends: Record<string, (made: SignedIn, session: Opened) => Promise<unknown>> = {
  'sign-out': ({ user }, { sessionId }) =>
    app.call(auth.actions.logout, {}, { as: { userId: user.id, role: user.role, sessionId } }),
  'ending it from another device': (made, { sessionId }) =>
    app.call(auth.actions.endSession, { id: sessionId }, { as: callerOf(made) }),
  'ending all others': (made) => app.call(auth.actions.endOtherSessions, {}, { as: callerOf(made) }),
  suspension: ({ user }) => app.call(auth.actions.suspend, { id: user.id, reason }, { as: admin }),
};

/** Refreshes and the end at once, in every order; gives all tokens that anybody may hold afterwards. */
const race = async (end: () => Promise<unknown>, { refreshToken }: Opened): Promise<string[]> => {
  const refresh = async (token: string): Promise<string[]> => {
    const next = (await app.refresh(token)).tokens.refreshToken;
    return [
      next,
      ...(await app.refresh(next).then(
        ({ tokens }) => [tokens.refreshToken],
        () => [],
      )),
    ];
  };
  // The end comes a little later or at once, so that each comes first some of the time.
  const endSoon = async () => {
    await after(Math.random() * 10);
    await end();
  };
  const starters = [() => refresh(refreshToken), () => refresh(refreshToken), endSoon];
  const rotated = Math.floor(Math.random() * starters.length);
  const order = [...starters.slice(rotated), ...starters.slice(0, rotated)];
  const outcomes = await Promise.allSettled(order.map((start) => start()));
  return [refreshToken, ...outcomes.flatMap((one) => (one.status === 'fulfilled' && one.value) || [])];
};

describe('a session that ends while it is refreshed', () => {
  const ROUNDS = 50;
  const SESSIONS = 5;
  let made: SignedIn;
  // Four ends × 50 rounds × 5 sessions: 1,000 races.
  it.each(Object.keys(ends))(
    'by %s never comes back to life, in 250 races',
    async (how) => {
      let refreshed = 0;
      for (let round = 0; round < ROUNDS; round++) {
        if (round % 10 === 0 || how === 'suspension') made = await app.register();
        const sessions = await openSessions(made, SESSIONS);
        const tokens = await Promise.all(
          sessions.map((session) => race(() => ends[how]!(made, session), session)),
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
      // Some refreshes came first, or there was no race.
      expect(refreshed).toBeGreaterThan(0);
    },
    120_000,
  );
});

it('ten tabs that refresh at once, 500 times, are never signed out and always agree', async () => {
  const made = await app.register();
  const browsers = await openSessions(made, 2);
  const live = async ({ refreshToken }: Opened): Promise<void> => {
    let token = refreshToken;
    for (let expiry = 0; expiry < 250; expiry++) {
      const tabs = await Promise.all(Array.from({ length: 10 }, () => app.refresh(token)));
      const successors = new Set(tabs.map(({ tokens }) => tokens.refreshToken));
      expect(successors.size).toBe(1);
      expect(successors).not.toContain(token);
      token = [...successors][0] as string;
    }
  };
  await Promise.all(browsers.map(live));
  const ended = 'select 1 from sessions where user_id = $1 and ended_at is not null';
  expect(await app.sql(ended, [made.user.id])).toEqual([]);
}, 120_000);

it('a refresh while the role changes says the old role and version, or the new ones', async () => {
  const made = await app.register();
  const sessions = await openSessions(made, 5);
  const tokens = sessions.map(({ refreshToken }) => refreshToken);
  for (let round = 1; round <= 40; round++) {
    const role = round % 2 ? 'VENDOR' : 'CUSTOMER';
    const change = app.call(auth.actions.setRole, { id: made.user.id, role, reason }, { as: admin });
    const refreshed = await Promise.all(tokens.map((token) => app.refresh(token)));
    await change;
    refreshed.forEach((one, index) => {
      tokens[index] = one.tokens.refreshToken;
      const { ver, role: said } = decodeJwt<{ ver: number; role: string }>(one.tokens.accessToken);
      expect([round, round + 1]).toContain(ver);
      expect(said).toBe(ver % 2 ? 'CUSTOMER' : 'VENDOR');
    });
  }
});
