import { settableClock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { purgeJobs } from '../jobs/purge.ts';
import { callerOf, PASSWORD, startAuth, type AuthApp, type SignedIn } from '../testing/start-auth.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0';
const DAY_MS = 86_400_000;
const clock = settableClock();
let app: AuthApp;
beforeAll(async () => {
  app = await startAuth({ clock });
});
afterAll(() => app?.stop());

const later = (ms: number) => clock.set(clock.nowMs() + ms);
const listOf = async (made: Pick<SignedIn, 'tokens'>) =>
  (await app.call(auth.actions.sessions, {}, { as: callerOf(made) })).items;
const end = (made: SignedIn, id: string) => app.call(auth.actions.endSession, { id }, { as: callerOf(made) });
const isOver = async ({ tokens }: Pick<SignedIn, 'tokens'>): Promise<void> => {
  await expect(app.refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
};

describe('sessions', () => {
  it('say with what, from where, how and when somebody signed in', async () => {
    const made = await app.register({ userAgent: FIREFOX, address: '203.0.113.5' });
    const { sessionId, userId } = callerOf(made);
    const [only, ...others] = await listOf(made);
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      id: sessionId,
      current: true,
      device: 'Firefox on Linux',
      kind: 'desktop',
      address: '203.0.113.5',
      method: 'registration',
    });
    expect(only?.lastSeenAt).toBe(only?.createdAt);
    const livesMs = Date.parse(only?.expiresAt ?? '') - Date.parse(only?.createdAt ?? '');
    expect(livesMs).toBe(30 * DAY_MS);
    expect((await app.eventsOf('sessionStarted', userId, 1))[0]).toMatchObject({
      device: 'Firefox on Linux',
      kind: 'desktop',
      address: '203.0.113.5',
      method: 'registration',
      knownDevice: false,
    });
  });

  it('of other services have no address, and who says nothing is unknown', async () => {
    const made = await app.register();
    const { email } = made.user;
    const tokens = await app.call(auth.actions.tokens, { email, password: PASSWORD }, { from: 'payments' });
    const [first] = await listOf({ tokens });
    expect(first).toMatchObject({
      device: 'Unknown device',
      kind: 'program',
      address: null,
      method: 'password',
    });
  });

  it('of a program that is signed in from there already are no surprise', async () => {
    const { email, id } = (await app.register({ userAgent: FIREFOX })).user;
    const from = (userAgent: string) =>
      app.call(auth.actions.tokens, { email, password: PASSWORD }, { userAgent });
    for (const userAgent of ['curl/8.4.0', 'curl/8.5.0', 'node']) await from(userAgent);
    const [, ...programs] = await app.eventsOf('sessionStarted', id, 4);
    expect(programs).toMatchObject([
      { device: 'curl', knownDevice: false },
      { device: 'curl', knownDevice: true },
      { device: 'node', knownDevice: false },
    ]);
  });

  it('move on with each refresh, and stand in the order of their last use', async () => {
    const first = await app.register({ userAgent: FIREFOX });
    later(1_000);
    const second = await app.login(first, PASSWORD, { userAgent: 'curl/8.4.0' });
    expect((await listOf(first)).map(({ device }) => device)).toEqual(['curl', 'Firefox on Linux']);
    later(DAY_MS);
    const params = { refreshToken: first.tokens.refreshToken };
    await app.call(auth.actions.refresh, params, { userAgent: 'node', address: '203.0.113.77' });
    const [moved, other] = await listOf(second);
    expect(moved).toMatchObject({ id: callerOf(first).sessionId, device: 'node', address: '203.0.113.77' });
    expect(Date.parse(moved?.lastSeenAt ?? '') - Date.parse(moved?.createdAt ?? '')).toBeGreaterThan(DAY_MS);
    expect(Date.parse(moved?.expiresAt ?? '') - Date.parse(moved?.lastSeenAt ?? '')).toBe(30 * DAY_MS);
    expect(other).toMatchObject({ device: 'curl', current: true });
  });

  it('are listed page by page, each once', async () => {
    const made = await app.register();
    // Several are used in the same millisecond.
    for (let n = 0; n < 6; n++) await app.login(made);
    await app.sql(`update sessions set last_seen_at = date_trunc('hour', last_seen_at) where user_id = $1`, [
      made.user.id,
    ]);
    const as = callerOf(made);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.call(auth.actions.sessions, { limit: 2, cursor }, { as });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  it.each(['', 'nonsense', 'WyIyMDI2IiwiMSJd', Buffer.from('[1,2]').toString('base64url')])(
    'refuse a cursor that is not theirs: %j',
    async (cursor) => {
      const as = callerOf(await app.register());
      await expect(app.call(auth.actions.sessions, { cursor }, { as })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    },
  );

  it('that have ended or expired are not listed', async () => {
    const made = await app.register();
    const ended = await app.login(made);
    await app.call(auth.actions.logout, {}, { as: callerOf(ended) });
    expect(await listOf(made)).toHaveLength(1);
    later(29 * DAY_MS);
    const late = await app.login(made);
    expect(await listOf(late)).toHaveLength(2);
    later(2 * DAY_MS);
    expect(await listOf(late)).toHaveLength(1);
    await expect(end(late, callerOf(made).sessionId)).rejects.toMatchObject({ code: 'session_not_found' });
  });
});

it('what ended or expired 400 days ago is forgotten, with its tokens', async () => {
  const made = await app.register();
  await app.call(auth.actions.logout, {}, { as: callerOf(await app.login(made)) });
  const kept = async () => {
    const ids = await app.sql('select id from sessions where user_id = $1', [callerOf(made).userId]);
    return ids.length;
  };
  later(399 * DAY_MS);
  const fresh = await app.login(made);
  for (const { run } of purgeJobs) await run(app.service);
  expect(await kept()).toBe(3);
  later(2 * DAY_MS);
  for (const { run } of purgeJobs) await run(app.service);
  // The one that was left open expired only 30 days after its start.
  expect(await kept()).toBe(2);
  await app.refresh(fresh.tokens.refreshToken);
  later(30 * DAY_MS);
  for (const { run } of purgeJobs) await run(app.service);
  expect(await kept()).toBe(1);
});

describe('ending one session', () => {
  it('ends it broadcast at once, and no other', async () => {
    const made = await app.register();
    const lost = await app.login(made);
    const { sessionId } = callerOf(lost);
    await end(made, sessionId);
    await isOver(lost);
    expect(app.signalled).toContain(sessionId);
    expect((await app.asService(auth.actions.revocations, {})).sessionIds).toContain(sessionId);
    expect((await app.eventsOf('sessionEnded', made.user.id, 1))[0]).toMatchObject({
      sessionId,
      reason: 'revoked',
    });
    await app.refresh(made.tokens.refreshToken);
  });

  it('may be the one that asks', async () => {
    const made = await app.register();
    await end(made, callerOf(made).sessionId);
    await isOver(made);
  });

  it('is answered alike where it has ended, belongs to somebody else or does not exist', async () => {
    const made = await app.register();
    const other = await app.register();
    const ended = await app.login(made);
    await end(made, callerOf(ended).sessionId);
    const unknown = newId('session', clock.nowMs());
    const answers: unknown[] = [];
    for (const id of [callerOf(ended).sessionId, callerOf(other).sessionId, unknown]) {
      answers.push(
        await end(made, id).catch((error: Error & { code: string; data: unknown }) => ({
          code: error.code,
          data: error.data,
          message: error.message,
        })),
      );
    }
    expect(answers[0]).toMatchObject({ code: 'session_not_found' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    await app.refresh(other.tokens.refreshToken);
  });
});

describe('ending all other sessions', () => {
  it('keeps this one only, and says how many there were', async () => {
    const made = await app.register();
    const others = [await app.login(made), await app.login(made)];
    const stranger = await app.register();
    const as = callerOf(made);
    expect(await app.call(auth.actions.endOtherSessions, {}, { as })).toEqual({ ended: 2 });
    for (const other of others) {
      await isOver(other);
      expect(app.signalled).toContain(callerOf(other).sessionId);
    }
    expect(await app.call(auth.actions.endOtherSessions, {}, { as })).toEqual({ ended: 0 });
    const events = await app.eventsOf('sessionEnded', made.user.id, 2);
    for (const event of events) expect(event).toMatchObject({ reason: 'revoked' });
    await app.refresh(made.tokens.refreshToken);
    await app.refresh(stranger.tokens.refreshToken);
  });

  it('leaves one of many that do it to each other at once', async () => {
    const made = await app.register();
    const all = [made, await app.login(made), await app.login(made), await app.login(made)];
    const outcomes = await Promise.allSettled(
      all.map((one) => app.call(auth.actions.endOtherSessions, {}, { as: callerOf(one) })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = outcomes.filter((one) => one.status === 'rejected');
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'session_ended' });
    expect(
      await app.sql('select 1 from sessions where ended_at is null and user_id = $1', [made.user.id]),
    ).toHaveLength(1);
  });
});

it('the time is told to other services', async () => {
  const { nowMs } = await app.asService(auth.actions.time, {});
  expect(Math.abs(nowMs - clock.nowMs())).toBeLessThan(1_000);
  await expect(app.call(auth.actions.time, {})).rejects.toMatchObject({ code: 'forbidden' });
});
