import { auth } from '../../../shared/contracts/auth/auth.ts';
import {
  newAddress,
  signInAttempts,
  unknownEmail,
  WRONG_PASSWORD,
  type SignInAttempts,
} from '../testing/sign-in-attempts.ts';
import { PASSWORD, startAuth, type AuthApp, type SignedIn } from '../testing/start-auth.ts';

let app: AuthApp;
let attempt: SignInAttempts['attempt'];
let attempts: SignInAttempts['attempts'];
beforeAll(async () => {
  app = await startAuth();
  ({ attempt, attempts } = signInAttempts(app));
});
afterAll(() => app?.stop());

const deviceTokenOf = ({ tokens }: SignedIn): string => tokens.deviceToken as string;

describe('a known device', () => {
  it('gets its token at registration and sign-in, and keeps it at later sign-ins', async () => {
    const owner = await app.register();
    expect(deviceTokenOf(owner)).toMatch(/^dt_[\w-]{43}$/);
    const deviceToken = deviceTokenOf(owner);
    const { email } = owner.user;
    const again = await app.call(auth.actions.login, { email, password: PASSWORD, deviceToken });
    expect(deviceTokenOf(again)).toBe(deviceToken);
    const otherBrowser = await app.call(auth.actions.login, { email, password: PASSWORD });
    expect(deviceTokenOf(otherBrowser)).not.toBe(deviceToken);
    const started = await app.eventsOf('sessionStarted', owner.user.id, 3);
    expect(started).toMatchObject([{ knownDevice: false }, { knownDevice: true }, { knownDevice: false }]);
    const stored = JSON.stringify(
      await app.sql(`select d::text, encode(hash, 'base64') from known_devices d`),
    );
    expect(stored).not.toContain(deviceToken.slice(3));
  });

  it('is not locked out by failures elsewhere', async () => {
    const owner = await app.register();
    const { email } = owner.user;
    await attempts(5, email, WRONG_PASSWORD);
    expect(await attempt(email, PASSWORD)).toBe('sign_in_locked');
    const address = newAddress();
    await attempt(unknownEmail(), WRONG_PASSWORD, { address });
    await app.sql('update sign_in_failures set failures = 49 where subject = $1', [address]);
    await attempt(unknownEmail(), WRONG_PASSWORD, { address });
    expect(await attempt(unknownEmail(), PASSWORD, { address })).toBe('sign_in_locked');
    const known = { deviceToken: deviceTokenOf(owner), address };
    expect(await attempt(email, PASSWORD, known)).toBe('accepted');
    // Its own success does not lift the lockout for other devices.
    expect(await attempt(email, PASSWORD)).toBe('sign_in_locked');
  });

  it('allows five guesses with a stolen token, which lock only the device', async () => {
    const owner = await app.register();
    const { email } = owner.user;
    const stolen = { deviceToken: deviceTokenOf(owner) };
    expect(await attempts(7, email, WRONG_PASSWORD, stolen)).toEqual([
      ...Array(5).fill('wrong_credentials'),
      ...Array(2).fill('sign_in_locked'),
    ]);
    expect(await attempt(email, PASSWORD, stolen)).toBe('sign_in_locked');
    expect(await attempt(email, PASSWORD)).toBe('accepted');
    const as = await app.admin();
    const { items } = await app.call(auth.actions.lockouts, {}, { as });
    for (const { kind, subject } of items) expect([kind, subject]).not.toContain(email);
  });

  it('is known for one account only', async () => {
    const [mine, victim] = [await app.register(), await app.register()];
    const deviceToken = deviceTokenOf(mine);
    await attempts(5, victim.user.email, WRONG_PASSWORD, { deviceToken });
    expect(await attempt(victim.user.email, PASSWORD, { deviceToken })).toBe('sign_in_locked');
    expect(await attempt(mine.user.email, PASSWORD, { deviceToken })).toBe('accepted');
    const { email } = (await app.register()).user;
    const other = await app.call(auth.actions.login, { email, password: PASSWORD, deviceToken });
    expect(deviceTokenOf(other)).not.toBe(deviceToken);
  });

  it('is deleted after 400 days without use', async () => {
    const owner = await app.register();
    const deviceToken = deviceTokenOf(owner);
    const params = { email: owner.user.email, password: PASSWORD, deviceToken };
    await app.sql(`update known_devices set last_used_at = last_used_at - interval '399 days'`);
    expect(deviceTokenOf(await app.call(auth.actions.login, params))).toBe(deviceToken);
    await app.sql(`update known_devices set last_used_at = last_used_at - interval '400 days'`);
    expect(deviceTokenOf(await app.call(auth.actions.login, params))).not.toBe(deviceToken);
  });

  it('is one of at most twenty; the least recently used is deleted', async () => {
    const owner = await app.register();
    const { email } = owner.user;
    const deviceToken = deviceTokenOf(owner);
    for (let n = 0; n < 19; n++) await app.call(auth.actions.login, { email, password: PASSWORD });
    const signIn = () => app.call(auth.actions.login, { email, password: PASSWORD, deviceToken });
    expect(deviceTokenOf(await signIn())).toBe(deviceToken);
    await app.call(auth.actions.login, { email, password: PASSWORD });
    expect(await app.sql('select 1 from known_devices where user_id = $1', [owner.user.id])).toHaveLength(20);
    expect(deviceTokenOf(await signIn())).toBe(deviceToken);
  });

  it('of an API client is not locked out by failures elsewhere', async () => {
    const { user } = await app.register();
    const { email } = user;
    const address = newAddress();
    const signIn = (deviceToken?: string, password = PASSWORD) =>
      app.call(
        auth.actions.tokens,
        { email, password, ...(deviceToken === undefined ? {} : { deviceToken }) },
        { address },
      );
    const first = await signIn();
    expect(first.deviceToken).toMatch(/^dt_[\w-]{43}$/);
    await attempts(5, email, WRONG_PASSWORD);
    await expect(signIn()).rejects.toMatchObject({ code: 'sign_in_locked' });
    const again = await signIn(first.deviceToken);
    expect(again.deviceToken).toBe(first.deviceToken);
    // A stolen token allows five guesses, and they lock only its own client.
    for (let n = 0; n < 5; n++) {
      await expect(signIn(first.deviceToken, WRONG_PASSWORD)).rejects.toMatchObject({
        code: 'wrong_credentials',
      });
    }
    await expect(signIn(first.deviceToken)).rejects.toMatchObject({ code: 'sign_in_locked' });
    const started = await app.eventsOf('sessionStarted', user.id, 3);
    expect(started).toMatchObject([{ knownDevice: false }, { knownDevice: false }, { knownDevice: true }]);
  });

  it('of a browser is not displaced by API clients that keep no token', async () => {
    const owner = await app.register();
    const { email } = owner.user;
    for (let n = 0; n < 21; n++) await app.call(auth.actions.tokens, { email, password: PASSWORD });
    const deviceToken = deviceTokenOf(owner);
    const again = await app.call(auth.actions.login, { email, password: PASSWORD, deviceToken });
    expect(deviceTokenOf(again)).toBe(deviceToken);
    const kinds = await app.sql(
      'select kind, count(*)::int as count from known_devices where user_id = $1 group by kind order by kind',
      [owner.user.id],
    );
    expect(kinds).toEqual([
      { kind: 'browser', count: 1 },
      { kind: 'program', count: 20 },
    ]);
  });
});
