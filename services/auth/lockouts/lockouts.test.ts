import { settableClock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { FAILURES_KEPT_MS } from '../domain/lockouts/lockout.ts';
import { purgeJobs } from '../jobs/purge.ts';
import {
  newAddress,
  signInAttempts,
  unknownEmail,
  WRONG_PASSWORD,
  type SignInAttempts,
} from '../testing/sign-in-attempts.ts';
import { callerOf, PASSWORD, startAuth, type AuthApp } from '../testing/start-auth.ts';

const MINUTE_MS = 60_000;
const clock = settableClock();
let app: AuthApp;
let attempt: SignInAttempts['attempt'];
let attempts: SignInAttempts['attempts'];
beforeAll(async () => {
  app = await startAuth({ clock });
  ({ attempt, attempts } = signInAttempts(app));
});
afterAll(() => app?.stop());

const later = (ms: number) => clock.set(clock.nowMs() + ms);

describe.each([
  ['to an account', async () => (await app.register()).user.email],
  ['to an e-mail address without an account', async () => unknownEmail()],
])('the sign-in %s', (_kind, createEmail) => {
  it('is locked after five wrong passwords, for 1, 2, 4, 8 and then 15 minutes', async () => {
    const email = await createEmail();
    let beforeLockMs = clock.nowMs();
    expect(await attempts(6, email, WRONG_PASSWORD)).toEqual([
      ...Array(5).fill('wrong_credentials'),
      'sign_in_locked',
    ]);
    for (const minutes of [1, 2, 4, 8, 15, 15]) {
      const refused = app.call(auth.actions.login, { email, password: PASSWORD });
      await expect(refused).rejects.toMatchObject({
        code: 'sign_in_locked',
        data: { retryAfterS: expect.any(Number) },
      });
      const { data } = (await refused.catch((error: unknown) => error)) as { data: { retryAfterS: number } };
      const elapsedS = (clock.nowMs() - beforeLockMs) / 1000;
      expect(data.retryAfterS).toBeGreaterThanOrEqual(minutes * 60 - elapsedS);
      expect(data.retryAfterS).toBeLessThanOrEqual(minutes * 60);
      later(minutes * MINUTE_MS);
      beforeLockMs = clock.nowMs();
      expect(await attempts(2, email, WRONG_PASSWORD)).toEqual(['wrong_credentials', 'sign_in_locked']);
    }
  });

  it('is locked for API clients as for browsers', async () => {
    const email = await createEmail();
    await attempts(5, email, WRONG_PASSWORD);
    const refused = app.call(auth.actions.tokens, { email, password: PASSWORD });
    await expect(refused).rejects.toMatchObject({ code: 'sign_in_locked' });
  });

  it('is counted from zero half a day after the last failure', async () => {
    const email = await createEmail();
    await attempts(4, email, WRONG_PASSWORD);
    later(12 * 60 * MINUTE_MS);
    expect(await attempts(5, email, WRONG_PASSWORD)).toEqual(Array(5).fill('wrong_credentials'));
  });

  it('checks five of a hundred concurrent guesses', async () => {
    const email = await createEmail();
    const answers = await Promise.all(Array.from({ length: 100 }, () => attempt(email, WRONG_PASSWORD)));
    expect(answers.filter((code) => code === 'wrong_credentials')).toHaveLength(5);
    const others = answers.filter((code) => code !== 'wrong_credentials');
    for (const code of others) expect(['sign_in_locked', 'unavailable']).toContain(code);
  });
});

describe('a lockout', () => {
  it('applies to the right password too', async () => {
    const { user } = await app.register();
    await attempts(5, user.email, WRONG_PASSWORD);
    expect(await attempt(user.email, PASSWORD)).toBe('sign_in_locked');
    later(MINUTE_MS);
    expect(await attempt(user.email, PASSWORD)).toBe('accepted');
  });

  it('is prevented by a success, which resets the failures before it', async () => {
    const { user } = await app.register();
    for (let round = 0; round < 3; round++) {
      expect(await attempts(4, user.email, WRONG_PASSWORD)).toEqual(Array(4).fill('wrong_credentials'));
      expect(await attempt(user.email, PASSWORD)).toBe('accepted');
    }
  });

  it('of an address starts with its fiftieth failure, and a success does not reset the count', async () => {
    const own = await app.register();
    const address = newAddress();
    for (let n = 0; n < 50; n++) {
      if (n % 10 === 9) expect(await attempt(own.user.email, PASSWORD, { address })).toBe('accepted');
      expect(await attempt(unknownEmail(), WRONG_PASSWORD, { address })).toBe('wrong_credentials');
    }
    expect(await attempt(own.user.email, PASSWORD, { address })).toBe('sign_in_locked');
    expect(await attempt(own.user.email, PASSWORD)).toBe('accepted');
  });

  it('of an IPv6 address applies to its whole /64', async () => {
    await attempt(unknownEmail(), WRONG_PASSWORD, { address: '2001:db8:7:7::1' });
    await app.sql(`update sign_in_failures set failures = 49 where subject = '2001:db8:7:7::/64'`);
    await attempt(unknownEmail(), WRONG_PASSWORD, { address: '2001:db8:7:7:0:ab::2' });
    const { user } = await app.register();
    expect(await attempt(user.email, PASSWORD, { address: '2001:db8:7:7:ffff::1' })).toBe('sign_in_locked');
    expect(await attempt(user.email, PASSWORD, { address: '2001:db8:7:8::1' })).toBe('accepted');
  });

  it('does not count attempts with the right password', async () => {
    const { user } = await app.register();
    const address = newAddress();
    expect(await attempts(12, user.email, PASSWORD, { address })).toEqual(Array(12).fill('accepted'));
    await app.sql(`update users set status = 'suspended' where id = $1`, [user.id]);
    expect(await attempts(6, user.email, PASSWORD, { address })).toEqual(Array(6).fill('account_suspended'));
    const counted = await app.sql(
      'select 1 from sign_in_failures where subject = any($1) and (failures > 0 or locked_until is not null)',
      [[user.email, address]],
    );
    expect(counted).toEqual([]);
  });

  it('does not count attempts that were refused as unavailable', async () => {
    const emails = Array.from({ length: 100 }, unknownEmail);
    const answers = await Promise.all(emails.map((email) => attempt(email, WRONG_PASSWORD)));
    const refused = emails.filter((_email, index) => answers[index] === 'unavailable');
    expect(refused.length).toBeGreaterThan(0);
    const counted = 'select subject from sign_in_failures where subject = any($1) and failures > 0';
    expect(await app.sql(counted, [refused])).toEqual([]);
    expect(await app.sql(counted, [emails])).toHaveLength(emails.length - refused.length);
  });

  it('of an address does not follow from a mistake every eight hours', async () => {
    const address = newAddress();
    for (let n = 0; n < 60; n++) {
      expect(await attempt(unknownEmail(), WRONG_PASSWORD, { address })).toBe('wrong_credentials');
      later(8 * 60 * MINUTE_MS);
    }
    const counted = await app.sql(
      'select ceil(failures)::int as failures from sign_in_failures where subject = $1',
      [address],
    );
    expect(counted).toEqual([{ failures: 1 }]);
  });

  it('is not ended by the success of an attempt that was in progress when it started', async () => {
    const address = newAddress();
    const own = await app.register();
    await attempt(unknownEmail(), WRONG_PASSWORD, { address });
    await app.sql('update sign_in_failures set failures = 48 where subject = $1', [address]);
    const { attemptPassword } = app.service.state;
    const about = { scopes: [{ kind: 'address' as const, subject: address }], address };
    await attemptPassword(about, async ({ recordSuccess }) => {
      expect(await attempt(unknownEmail(), WRONG_PASSWORD, { address })).toBe('wrong_credentials');
      await app.service.db.transaction(recordSuccess);
    });
    expect(await attempt(own.user.email, PASSWORD, { address })).toBe('sign_in_locked');
  });

  it('is published when it starts and when it is extended', async () => {
    const { user } = await app.register();
    await attempts(5, user.email, WRONG_PASSWORD);
    later(MINUTE_MS);
    await attempt(user.email, WRONG_PASSWORD, { address: '203.0.113.99' });
    const events = await app.eventsOf('signInLocked', user.email, 2);
    expect(events[0]).toMatchObject({ kind: 'account', subject: user.email, userId: user.id, failures: 5 });
    expect(events[1]).toMatchObject({ failures: 6, address: '203.0.113.99' });
    const { until, at } = events[1] as { until: string; at: string };
    expect(Date.parse(until) - Date.parse(at)).toBe(2 * MINUTE_MS);
  });

  it('of an e-mail address without an account is published without a user', async () => {
    const email = unknownEmail();
    await attempts(5, email, WRONG_PASSWORD);
    expect(await app.eventsOf('signInLocked', email, 1)).toMatchObject([{ kind: 'account', userId: null }]);
  });

  it('can be switched off for load tests; sign-in still checks the password', async () => {
    const off = await startAuth({ env: { AUTH_LOCKOUT_OFF: 'true' } });
    const { user } = await off.register();
    const withoutLockout = signInAttempts(off);
    expect(await withoutLockout.attempts(7, user.email, WRONG_PASSWORD)).toEqual(
      Array(7).fill('wrong_credentials'),
    );
    expect(await withoutLockout.attempt(user.email, PASSWORD)).toBe('accepted');
    await off.stop();
  });
});

describe('administrators', () => {
  it('list lockouts page by page, and lift them', async () => {
    later(60 * MINUTE_MS);
    const emails = [unknownEmail(), unknownEmail(), unknownEmail()];
    for (const email of emails) {
      await attempts(5, email, WRONG_PASSWORD);
      later(1_000);
    }
    const as = await app.admin();
    const first = await app.call(auth.actions.lockouts, { limit: 2 }, { as });
    const second = await app.call(
      auth.actions.lockouts,
      { limit: 2, cursor: first.nextCursor as string },
      { as },
    );
    const items = [...first.items, ...second.items];
    expect(items.map(({ subject }) => subject)).toEqual(emails.toReversed());
    expect(items[0]).toMatchObject({ kind: 'account', failures: 5 });
    expect(second.nextCursor).toBeNull();
    const cursor = 'bm90IG91cnM';
    await expect(app.call(auth.actions.lockouts, { cursor }, { as })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });

    const [{ id }, email] = [items[2] as (typeof items)[number], emails[0] as string];
    const lift = () =>
      app.call(auth.actions.liftLockout, { id, reason: 'The owner mistyped the password' }, { as });
    await lift();
    expect(await attempts(4, email, WRONG_PASSWORD)).toEqual(Array(4).fill('wrong_credentials'));
    expect(await app.eventsOf('lockoutLifted', email, 1)).toMatchObject([
      { kind: 'account', subject: email, by: as.userId, reason: 'The owner mistyped the password' },
    ]);
    await expect(lift()).rejects.toMatchObject({ code: 'lockout_not_found' });
    const unknown = { id: newId('lockout', clock.nowMs()), reason: 'Why not' };
    await expect(app.call(auth.actions.liftLockout, unknown, { as })).rejects.toMatchObject({
      code: 'lockout_not_found',
    });
  });

  it('only may list and lift lockouts', async () => {
    const as = callerOf(await app.register());
    await expect(app.call(auth.actions.lockouts, {}, { as })).rejects.toMatchObject({ code: 'forbidden' });
    const lift = { id: newId('lockout', clock.nowMs()), reason: 'Why not' };
    await expect(app.call(auth.actions.liftLockout, lift, { as })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

it('two processes with one database check five of a hundred guesses together', async () => {
  const database = await throwAwayDatabase();
  const env = { AUTH_DATABASE_URL: database.url };
  const apps = [await startAuth({ env }), await startAuth({ env })];
  const both = apps.map(signInAttempts);
  const email = 'victim@example.com';
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => both[n % 2]!.attempt(email, WRONG_PASSWORD)),
  );
  expect(answers.filter((code) => code === 'wrong_credentials')).toHaveLength(5);
  for (const one of apps) await one.stop();
  await database.drop();
});

it('failures and devices are purged once they no longer count', async () => {
  const { user } = await app.register();
  await attempts(2, user.email, WRONG_PASSWORD);
  const left = async () =>
    (await app.sql('select 1 from sign_in_failures where subject = $1', [user.email])).length +
    (await app.sql('select 1 from known_devices where user_id = $1', [user.id])).length;
  for (const { run } of purgeJobs) await run(app.service);
  expect(await left()).toBe(2);
  later(FAILURES_KEPT_MS + 1);
  for (const { run } of purgeJobs) await run(app.service);
  expect(await left()).toBe(1);
  later(400 * 24 * 60 * MINUTE_MS);
  for (const { run } of purgeJobs) await run(app.service);
  expect(await left()).toBe(0);
});
