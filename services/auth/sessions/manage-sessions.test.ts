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
const listOf = async (signedIn: Pick<SignedIn, 'tokens'>) =>
  (await app.call(auth.actions.sessions, {}, { as: callerOf(signedIn) })).items;
const end = (signedIn: SignedIn, id: string) =>
  app.call(auth.actions.endSession, { id }, { as: callerOf(signedIn) });
const expectEnded = async ({ tokens }: Pick<SignedIn, 'tokens'>): Promise<void> => {
  await expect(app.refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'session_ended' });
};

describe('sessions', () => {
  it('show the device, address, method and time of the sign-in', async () => {
    const signedIn = await app.register({ userAgent: FIREFOX, address: '203.0.113.5' });
    const { sessionId, userId } = callerOf(signedIn);
    const [only, ...others] = await listOf(signedIn);
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

  it('started by other services have no address; without a User-Agent the device is unknown', async () => {
    const signedIn = await app.register();
    const { email } = signedIn.user;
    const tokens = await app.call(auth.actions.tokens, { email, password: PASSWORD }, { from: 'payments' });
    const [first] = await listOf({ tokens });
    expect(first).toMatchObject({
      device: 'Unknown device',
      kind: 'program',
      address: null,
      method: 'password',
    });
  });

  it('of a program with a session from the same origin count as a known device', async () => {
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

  it('are updated by each refresh, and are listed by their last use', async () => {
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

  it('are listed page by page, without gaps or duplicates', async () => {
    const signedIn = await app.register();
    // Several sessions have the same time of last use.
    for (let n = 0; n < 6; n++) await app.login(signedIn);
    await app.sql(`update sessions set last_seen_at = date_trunc('hour', last_seen_at) where user_id = $1`, [
      signedIn.user.id,
    ]);
    const as = callerOf(signedIn);
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

  const positionAt = (time: string): string =>
    Buffer.from(JSON.stringify([time, `ses_${'0'.repeat(32)}`])).toString('base64url');

  it.each([
    '',
    'nonsense',
    'WyIyMDI2IiwiMSJd',
    Buffer.from('[1,2]').toString('base64url'),
    positionAt('-271821-04-20T00:00:00.000Z'),
    positionAt('+275760-09-13T00:00:00.000Z'),
    positionAt('2026-02-30T00:00:00.000Z'),
  ])('refuse an invalid cursor: %j', async (cursor) => {
    const as = callerOf(await app.register());
    await expect(app.call(auth.actions.sessions, { cursor }, { as })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });

  it('that have ended or expired are not listed', async () => {
    const signedIn = await app.register();
    const ended = await app.login(signedIn);
    await app.call(auth.actions.logout, {}, { as: callerOf(ended) });
    expect(await listOf(signedIn)).toHaveLength(1);
    later(29 * DAY_MS);
    const late = await app.login(signedIn);
    expect(await listOf(late)).toHaveLength(2);
    later(2 * DAY_MS);
    expect(await listOf(late)).toHaveLength(1);
    await expect(end(late, callerOf(signedIn).sessionId)).rejects.toMatchObject({
      code: 'session_not_found',
    });
  });
});

it('sessions that ended or expired 400 days ago are purged with their tokens', async () => {
  const signedIn = await app.register();
  await app.call(auth.actions.logout, {}, { as: callerOf(await app.login(signedIn)) });
  const kept = async () => {
    const ids = await app.sql('select id from sessions where user_id = $1', [callerOf(signedIn).userId]);
    return ids.length;
  };
  later(399 * DAY_MS);
  const fresh = await app.login(signedIn);
  for (const { run } of purgeJobs) await run(app.service);
  expect(await kept()).toBe(3);
  later(2 * DAY_MS);
  for (const { run } of purgeJobs) await run(app.service);
  // The session that was not ended expired 30 days after its start.
  expect(await kept()).toBe(2);
  await app.refresh(fresh.tokens.refreshToken);
  later(30 * DAY_MS);
  for (const { run } of purgeJobs) await run(app.service);
  expect(await kept()).toBe(1);
});

describe('ending one session', () => {
  it('revokes it in every process at once, and no other session', async () => {
    const signedIn = await app.register();
    const other = await app.login(signedIn);
    const { sessionId } = callerOf(other);
    await end(signedIn, sessionId);
    await expectEnded(other);
    expect(app.signalled.sessionIds).toContain(sessionId);
    expect((await app.asService(auth.actions.revocations, {})).sessionIds).toContain(sessionId);
    expect((await app.eventsOf('sessionEnded', signedIn.user.id, 1))[0]).toMatchObject({
      sessionId,
      reason: 'revoked',
    });
    await app.refresh(signedIn.tokens.refreshToken);
  });

  it('is allowed for the current session', async () => {
    const signedIn = await app.register();
    await end(signedIn, callerOf(signedIn).sessionId);
    await expectEnded(signedIn);
  });

  it('gives the same answer to an ended session, a foreign session and an unknown session', async () => {
    const signedIn = await app.register();
    const other = await app.register();
    const ended = await app.login(signedIn);
    await end(signedIn, callerOf(ended).sessionId);
    const unknown = newId('session', clock.nowMs());
    const answers: unknown[] = [];
    for (const id of [callerOf(ended).sessionId, callerOf(other).sessionId, unknown]) {
      answers.push(
        await end(signedIn, id).catch((error: Error & { code: string; data: unknown }) => ({
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
  it('keeps the current session only, and returns how many were ended', async () => {
    const signedIn = await app.register();
    const others = [await app.login(signedIn), await app.login(signedIn)];
    const otherUser = await app.register();
    const as = callerOf(signedIn);
    expect(await app.call(auth.actions.endOtherSessions, {}, { as })).toEqual({ ended: 2 });
    for (const other of others) {
      await expectEnded(other);
      expect(app.signalled.sessionIds).toContain(callerOf(other).sessionId);
    }
    expect(await app.call(auth.actions.endOtherSessions, {}, { as })).toEqual({ ended: 0 });
    const events = await app.eventsOf('sessionEnded', signedIn.user.id, 2);
    for (const event of events) expect(event).toMatchObject({ reason: 'revoked' });
    await app.refresh(signedIn.tokens.refreshToken);
    await app.refresh(otherUser.tokens.refreshToken);
  });

  it('leaves one session when many do it concurrently', async () => {
    const signedIn = await app.register();
    const all = [signedIn, await app.login(signedIn), await app.login(signedIn), await app.login(signedIn)];
    const outcomes = await Promise.allSettled(
      all.map((one) => app.call(auth.actions.endOtherSessions, {}, { as: callerOf(one) })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = outcomes.filter((one) => one.status === 'rejected');
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'session_ended' });
    expect(
      await app.sql('select 1 from sessions where ended_at is null and user_id = $1', [signedIn.user.id]),
    ).toHaveLength(1);
  });
});

it('the time is available to other services only', async () => {
  const beforeMs = clock.nowMs();
  const { nowMs } = await app.asService(auth.actions.time, {});
  expect(nowMs).toBeGreaterThanOrEqual(beforeMs);
  expect(nowMs).toBeLessThanOrEqual(clock.nowMs());
  await expect(app.call(auth.actions.time, {})).rejects.toMatchObject({ code: 'forbidden' });
});
