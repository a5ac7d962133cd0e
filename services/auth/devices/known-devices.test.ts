import { auth } from '../../../shared/contracts/auth/auth.ts';
import { anAddress, guessing, nobody, WRONG_PASSWORD, type Guessing } from '../testing/guesses.ts';
import { PASSWORD, startAuth, type AuthApp, type SignedIn } from '../testing/start-auth.ts';

let app: AuthApp;
let guess: Guessing['guess'];
let guesses: Guessing['guesses'];
beforeAll(async () => {
  app = await startAuth();
  ({ guess, guesses } = guessing(app));
});
afterAll(() => app?.stop());

const deviceTokenOf = ({ tokens }: SignedIn): string => tokens.deviceToken as string;

describe('a known device', () => {
  it('gets its token at registration and sign-in, the same one when it comes again', async () => {
    const made = await app.register();
    expect(deviceTokenOf(made)).toMatch(/^dt_[\w-]{43}$/);
    const deviceToken = deviceTokenOf(made);
    const { email } = made.user;
    const again = await app.call(auth.actions.login, { email, password: PASSWORD, deviceToken });
    expect(deviceTokenOf(again)).toBe(deviceToken);
    const elsewhere = await app.call(auth.actions.login, { email, password: PASSWORD });
    expect(deviceTokenOf(elsewhere)).not.toBe(deviceToken);
    const started = await app.eventsOf('sessionStarted', made.user.id, 3);
    expect(started).toMatchObject([{ knownDevice: false }, { knownDevice: true }, { knownDevice: false }]);
    const stored = JSON.stringify(
      await app.sql(`select d::text, encode(hash, 'base64') from known_devices d`),
    );
    expect(stored).not.toContain(deviceToken.slice(3));
  });

  it('is not locked out by others who guess', async () => {
    const made = await app.register();
    const { email } = made.user;
    await guesses(5, email, WRONG_PASSWORD);
    expect(await guess(email, PASSWORD)).toBe('sign_in_locked');
    const address = anAddress();
    await guess(nobody(), WRONG_PASSWORD, { address });
    await app.sql('update sign_in_failures set failures = 49 where subject = $1', [address]);
    await guess(nobody(), WRONG_PASSWORD, { address });
    expect(await guess(nobody(), PASSWORD, { address })).toBe('sign_in_locked');
    const known = { deviceToken: deviceTokenOf(made), address };
    expect(await guess(email, PASSWORD, known)).toBe('welcome');
    // Its own success is no news for those who guess elsewhere.
    expect(await guess(email, PASSWORD)).toBe('sign_in_locked');
  });

  it('gives whoever stole it five guesses, which lock nobody but itself', async () => {
    const made = await app.register();
    const { email } = made.user;
    const stolen = { deviceToken: deviceTokenOf(made) };
    expect(await guesses(7, email, WRONG_PASSWORD, stolen)).toEqual([
      ...Array(5).fill('wrong_credentials'),
      ...Array(2).fill('sign_in_locked'),
    ]);
    expect(await guess(email, PASSWORD, stolen)).toBe('sign_in_locked');
    expect(await guess(email, PASSWORD)).toBe('welcome');
    const as = await app.admin();
    const { items } = await app.call(auth.actions.lockouts, {}, { as });
    for (const { kind, subject } of items) expect([kind, subject]).not.toContain(email);
  });

  it('is known for one account only', async () => {
    const [mine, victim] = [await app.register(), await app.register()];
    const deviceToken = deviceTokenOf(mine);
    await guesses(5, victim.user.email, WRONG_PASSWORD, { deviceToken });
    expect(await guess(victim.user.email, PASSWORD, { deviceToken })).toBe('sign_in_locked');
    expect(await guess(mine.user.email, PASSWORD, { deviceToken })).toBe('welcome');
    const { email } = (await app.register()).user;
    const other = await app.call(auth.actions.login, { email, password: PASSWORD, deviceToken });
    expect(deviceTokenOf(other)).not.toBe(deviceToken);
  });

  it('is forgotten after 400 days without use', async () => {
    const made = await app.register();
    const deviceToken = deviceTokenOf(made);
    const params = { email: made.user.email, password: PASSWORD, deviceToken };
    await app.sql(`update known_devices set last_used_at = last_used_at - interval '399 days'`);
    expect(deviceTokenOf(await app.call(auth.actions.login, params))).toBe(deviceToken);
    await app.sql(`update known_devices set last_used_at = last_used_at - interval '400 days'`);
    expect(deviceTokenOf(await app.call(auth.actions.login, params))).not.toBe(deviceToken);
  });

  it('is one of twenty at most; the one that was not used for longest goes', async () => {
    const made = await app.register();
    const { email } = made.user;
    const deviceToken = deviceTokenOf(made);
    for (let n = 0; n < 19; n++) await app.call(auth.actions.login, { email, password: PASSWORD });
    const signIn = () => app.call(auth.actions.login, { email, password: PASSWORD, deviceToken });
    expect(deviceTokenOf(await signIn())).toBe(deviceToken);
    await app.call(auth.actions.login, { email, password: PASSWORD });
    expect(await app.sql('select 1 from known_devices where user_id = $1', [made.user.id])).toHaveLength(20);
    expect(deviceTokenOf(await signIn())).toBe(deviceToken);
  });

  it('is none where an API client signs in', async () => {
    const { user } = await app.register();
    const tokens = await app.call(auth.actions.tokens, { email: user.email, password: PASSWORD });
    expect(tokens).not.toHaveProperty('deviceToken');
    expect(await app.sql('select 1 from known_devices where user_id = $1', [user.id])).toHaveLength(1);
  });
});
