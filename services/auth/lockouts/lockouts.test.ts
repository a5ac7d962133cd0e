import { settableClock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { throwAwayDatabase } from '../../../broker/testing/start-services.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { purgeJobs } from '../jobs/purge.ts';
import { anAddress, guessing, nobody, WRONG_PASSWORD, type Guessing } from '../testing/guesses.ts';
import { callerOf, PASSWORD, startAuth, type AuthApp } from '../testing/start-auth.ts';

const MINUTE_MS = 60_000;
const clock = settableClock();
let app: AuthApp;
let guess: Guessing['guess'];
let guesses: Guessing['guesses'];
beforeAll(async () => {
  app = await startAuth({ clock });
  ({ guess, guesses } = guessing(app));
});
afterAll(() => app?.stop());

const later = (ms: number) => clock.set(clock.nowMs() + ms);

describe.each([
  ['of an account', async () => (await app.register()).user.email],
  ['of an address that no account has', async () => nobody()],
])('the sign-in %s', (_whose, anEmail) => {
  it('is locked after five wrong passwords, for 1, 2, 4, 8 and then 15 minutes', async () => {
    const email = await anEmail();
    expect(await guesses(6, email, WRONG_PASSWORD)).toEqual([
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
      expect(data.retryAfterS).toBeGreaterThan(minutes * 60 - 20);
      expect(data.retryAfterS).toBeLessThanOrEqual(minutes * 60);
      later(minutes * MINUTE_MS);
      expect(await guesses(2, email, WRONG_PASSWORD)).toEqual(['wrong_credentials', 'sign_in_locked']);
    }
  });

  it('is locked for API clients as for browsers', async () => {
    const email = await anEmail();
    await guesses(5, email, WRONG_PASSWORD);
    const refused = app.call(auth.actions.tokens, { email, password: PASSWORD });
    await expect(refused).rejects.toMatchObject({ code: 'sign_in_locked' });
  });

  it('begins anew a day after the last failure', async () => {
    const email = await anEmail();
    await guesses(4, email, WRONG_PASSWORD);
    later(24 * 60 * MINUTE_MS);
    expect(await guesses(5, email, WRONG_PASSWORD)).toEqual(Array(5).fill('wrong_credentials'));
  });

  it('looks at five of a hundred guesses at once', async () => {
    const email = await anEmail();
    const answers = await Promise.all(Array.from({ length: 100 }, () => guess(email, WRONG_PASSWORD)));
    expect(answers.filter((code) => code === 'wrong_credentials')).toHaveLength(5);
    const others = answers.filter((code) => code !== 'wrong_credentials');
    for (const code of others) expect(['sign_in_locked', 'unavailable']).toContain(code);
  });
});

describe('a lockout', () => {
  it('is not looked through by who knows the password', async () => {
    const { user } = await app.register();
    await guesses(5, user.email, WRONG_PASSWORD);
    expect(await guess(user.email, PASSWORD)).toBe('sign_in_locked');
    later(MINUTE_MS);
    expect(await guess(user.email, PASSWORD)).toBe('welcome');
  });

  it('is forgotten by a success, with all failures before it', async () => {
    const { user } = await app.register();
    for (let round = 0; round < 3; round++) {
      expect(await guesses(4, user.email, WRONG_PASSWORD)).toEqual(Array(4).fill('wrong_credentials'));
      expect(await guess(user.email, PASSWORD)).toBe('welcome');
    }
  });

  it('of an address comes with its fiftieth failure, and no success of its own washes it clean', async () => {
    const own = await app.register();
    const address = anAddress();
    for (let n = 0; n < 50; n++) {
      if (n % 10 === 9) expect(await guess(own.user.email, PASSWORD, { address })).toBe('welcome');
      expect(await guess(nobody(), WRONG_PASSWORD, { address })).toBe('wrong_credentials');
    }
    expect(await guess(own.user.email, PASSWORD, { address })).toBe('sign_in_locked');
    expect(await guess(own.user.email, PASSWORD)).toBe('welcome');
  });

  it('of an IPv6 address is one of its whole /64', async () => {
    await guess(nobody(), WRONG_PASSWORD, { address: '2001:db8:7:7::1' });
    await app.sql(`update sign_in_failures set failures = 49 where subject = '2001:db8:7:7::/64'`);
    await guess(nobody(), WRONG_PASSWORD, { address: '2001:db8:7:7:0:ab::2' });
    const { user } = await app.register();
    expect(await guess(user.email, PASSWORD, { address: '2001:db8:7:7:ffff::1' })).toBe('sign_in_locked');
    expect(await guess(user.email, PASSWORD, { address: '2001:db8:7:8::1' })).toBe('welcome');
  });

  it('counts no attempt that was right', async () => {
    const { user } = await app.register();
    const address = anAddress();
    expect(await guesses(12, user.email, PASSWORD, { address })).toEqual(Array(12).fill('welcome'));
    await app.sql(`update users set status = 'suspended' where id = $1`, [user.id]);
    expect(await guesses(6, user.email, PASSWORD, { address })).toEqual(Array(6).fill('account_suspended'));
    const counted = await app.sql(
      'select 1 from sign_in_failures where subject = any($1) and (failures > 0 or locked_until is not null)',
      [[user.email, address]],
    );
    expect(counted).toEqual([]);
  });

  it('counts no attempt that nobody had time for', async () => {
    const emails = Array.from({ length: 100 }, nobody);
    const answers = await Promise.all(emails.map((email) => guess(email, WRONG_PASSWORD)));
    const refused = emails.filter((_email, index) => answers[index] === 'unavailable');
    expect(refused.length).toBeGreaterThan(0);
    const counted = 'select subject from sign_in_failures where subject = any($1) and failures > 0';
    expect(await app.sql(counted, [refused])).toEqual([]);
    expect(await app.sql(counted, [emails])).toHaveLength(emails.length - refused.length);
  });

  it('is told of when it begins and when it grows', async () => {
    const { user } = await app.register();
    await guesses(5, user.email, WRONG_PASSWORD);
    later(MINUTE_MS);
    await guess(user.email, WRONG_PASSWORD, { address: '203.0.113.99' });
    const events = await app.eventsOf('signInLocked', user.email, 2);
    expect(events[0]).toMatchObject({ kind: 'account', subject: user.email, userId: user.id, failures: 5 });
    expect(events[1]).toMatchObject({ failures: 6, address: '203.0.113.99' });
    const { until, at } = events[1] as { until: string; at: string };
    expect(Date.parse(until) - Date.parse(at)).toBe(2 * MINUTE_MS);
  });

  it('of an e-mail address without an account is told of without a user', async () => {
    const email = nobody();
    await guesses(5, email, WRONG_PASSWORD);
    expect(await app.eventsOf('signInLocked', email, 1)).toMatchObject([{ kind: 'account', userId: null }]);
  });

  it('can be switched off for load tests, and nothing else with it', async () => {
    const off = await startAuth({ env: { AUTH_LOCKOUT_OFF: 'true' } });
    const { user } = await off.register();
    const { guess: guessOff, guesses: guessesOff } = guessing(off);
    expect(await guessesOff(7, user.email, WRONG_PASSWORD)).toEqual(Array(7).fill('wrong_credentials'));
    expect(await guessOff(user.email, PASSWORD)).toBe('welcome');
    await off.stop();
  });
});

describe('administrators', () => {
  it('see what is locked, page by page, and lift it', async () => {
    later(60 * MINUTE_MS);
    const emails = [nobody(), nobody(), nobody()];
    for (const email of emails) {
      await guesses(5, email, WRONG_PASSWORD);
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
      app.call(auth.actions.liftLockout, { id, reason: 'It was me, says the owner' }, { as });
    await lift();
    expect(await guesses(4, email, WRONG_PASSWORD)).toEqual(Array(4).fill('wrong_credentials'));
    expect(await app.eventsOf('lockoutLifted', email, 1)).toMatchObject([
      { kind: 'account', subject: email, by: as.userId, reason: 'It was me, says the owner' },
    ]);
    await expect(lift()).rejects.toMatchObject({ code: 'lockout_not_found' });
    const unknown = { id: newId('lockout', clock.nowMs()), reason: 'Why not' };
    await expect(app.call(auth.actions.liftLockout, unknown, { as })).rejects.toMatchObject({
      code: 'lockout_not_found',
    });
  });

  it('alone may do so', async () => {
    const as = callerOf(await app.register());
    await expect(app.call(auth.actions.lockouts, {}, { as })).rejects.toMatchObject({ code: 'forbidden' });
    const lift = { id: newId('lockout', clock.nowMs()), reason: 'Why not' };
    await expect(app.call(auth.actions.liftLockout, lift, { as })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

it('two processes that share a database look at five of a hundred guesses together', async () => {
  const database = await throwAwayDatabase();
  const env = { AUTH_DATABASE_URL: database.url };
  const apps = [await startAuth({ env }), await startAuth({ env })];
  const both = apps.map(guessing);
  const email = 'victim@example.com';
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => both[n % 2]!.guess(email, WRONG_PASSWORD)),
  );
  expect(answers.filter((code) => code === 'wrong_credentials')).toHaveLength(5);
  for (const one of apps) await one.stop();
  await database.drop();
});

it('what no longer counts is forgotten', async () => {
  const { user } = await app.register();
  await guesses(2, user.email, WRONG_PASSWORD);
  const left = async () =>
    (await app.sql('select 1 from sign_in_failures where subject = $1', [user.email])).length +
    (await app.sql('select 1 from known_devices where user_id = $1', [user.id])).length;
  for (const { run } of purgeJobs) await run(app.service);
  expect(await left()).toBe(2);
  later(24 * 60 * MINUTE_MS + 1);
  for (const { run } of purgeJobs) await run(app.service);
  expect(await left()).toBe(1);
  later(400 * 24 * 60 * MINUTE_MS);
  for (const { run } of purgeJobs) await run(app.service);
  expect(await left()).toBe(0);
});
