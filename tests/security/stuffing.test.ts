import { auth } from '../../shared/contracts/auth/auth.ts';
import { PASSWORD, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world?.services.stop());

type Attempt = { status: number; code: string | null; retryAfterS: number | null; cookies: string[] };

/** Signs in as a browser does, with the given cookies. */
const signIn = async (email: string, password: string, cookie = ''): Promise<Attempt> => {
  const headers: Record<string, string> = { origin: world.origin, ...(cookie ? { cookie } : {}) };
  const reply = await world.ask('POST /api/auth/login', { json: { email, password }, headers });
  const body = (await reply.json()) as { code?: string };
  const retryAfter = reply.headers.get('retry-after');
  return {
    status: reply.status,
    code: body.code ?? null,
    retryAfterS: retryAfter === null ? null : Number(retryAfter),
    cookies: reply.headers.getSetCookie(),
  };
};

const deviceCookieOf = ({ cookies }: Attempt): string =>
  cookies.find((cookie) => /payloom_device(_\d+)?=/.test(cookie))?.split(';')[0] ?? '';

const guess = async (email: string, times: number, cookie = ''): Promise<Attempt[]> => {
  const attempts: Attempt[] = [];
  for (let time = 0; time < times; time++)
    attempts.push(await signIn(email, `Wrong-Password-${time}`, cookie));
  return attempts;
};

describe('guessing passwords', () => {
  it('locks the account, but not for the browser of its owner', async () => {
    const { email } = await world.register('CUSTOMER');
    const own = deviceCookieOf(await signIn(email, PASSWORD));
    expect(own).toContain('payloom_device');
    const attempts = await guess(email, 7);
    expect(attempts.slice(0, 5).map(({ code }) => code)).toEqual(Array(5).fill('wrong_credentials'));
    expect(attempts.slice(5).map(({ status, code }) => [status, code])).toEqual([
      [429, 'sign_in_locked'],
      [429, 'sign_in_locked'],
    ]);
    expect(attempts[6]?.retryAfterS).toBeGreaterThan(30);
    // The right password is refused too, else the response would reveal it.
    expect((await signIn(email, PASSWORD)).code).toBe('sign_in_locked');
    expect((await signIn(email, PASSWORD, own)).status).toBe(200);
    expect((await guess(email, 1, own))[0]?.code).toBe('wrong_credentials');
    expect((await signIn(email, PASSWORD, own)).status).toBe(200);
    expect((await signIn(email, PASSWORD)).code).toBe('sign_in_locked');
  });

  it('is not easier from a browser that is known for another account', async () => {
    const victim = await world.register('CUSTOMER');
    const thief = await world.register('CUSTOMER');
    const cookie = deviceCookieOf(await signIn(thief.email, PASSWORD));
    await guess(victim.email, 6, cookie);
    expect((await signIn(victim.email, PASSWORD, cookie)).code).toBe('sign_in_locked');
  });

  it('does not reveal which accounts exist', async () => {
    const { email } = await world.register('CUSTOMER');
    const answers = async (address: string) =>
      (await guess(address, 6)).map(({ status, code }) => [status, code]);
    expect(await answers('unknown.account@example.com')).toEqual(await answers(email));
  });

  it('checks at most five passwords, also when they are sent at the same time', async () => {
    const { email } = await world.register('CUSTOMER');
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, index) => signIn(email, `Wrong-Password-${index}`)),
    );
    expect(all.filter(({ code }) => code === 'wrong_credentials').length).toBeLessThanOrEqual(5);
    expect(all.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('is shown to administrators, who can lift the lockout with a reason', async () => {
    const { email } = await world.register('CUSTOMER');
    await guess(email, 5);
    const token = world.admin.accessToken;
    const list = async () => {
      const reply = await world.ask('GET /api/lockouts?limit=100', { token });
      return ((await reply.json()) as { items: { id: string; subject: string }[] }).items;
    };
    const lockout = (await list()).find(({ subject }) => subject === email);
    expect(lockout).toBeDefined();
    const lift = (json: object, as = token) =>
      world.ask(`POST /api/lockouts/${lockout?.id}/lift`, { token: as, json });
    expect((await lift({})).status).toBe(422);
    expect((await lift({ reason: 'they called us' }, world.payer.accessToken)).status).toBe(403);
    expect((await lift({ reason: 'they called us' })).status).toBe(204);
    expect((await list()).some(({ subject }) => subject === email)).toBe(false);
    expect((await signIn(email, PASSWORD)).status).toBe(200);
  });
});

it('no secret of sessions and devices is in responses, tables or events', async () => {
  const { email, caller } = await world.register('CUSTOMER');
  const signedIn = await signIn(email, PASSWORD);
  const secrets = signedIn.cookies.map((cookie) => cookie.split(/[=;]/)[1] ?? '').filter(Boolean);
  expect(secrets.length).toBe(3);
  const { items } = await world.services.call(auth.actions.sessions, {}, { as: caller });
  const stored = JSON.stringify([
    items,
    await world.services.service('auth').db.query('select * from sessions'),
    await world.services.service('auth').db.query('select hash::text from refresh_tokens'),
    await world.services.service('auth').db.query('select * from known_devices'),
    await world.services.service('auth').db.query('select payload from outbox'),
    await world.services.service('auth').db.query('select payload from published_events'),
  ]);
  for (const secret of secrets) expect(stored).not.toContain(secret);
});
