import { auth } from '../../shared/contracts/auth/auth.ts';
import { PASSWORD, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world?.services.stop());

type Tried = { status: number; code: string | null; retryAfterS: number | null; cookies: string[] };

/** Signs in as a browser does, with the cookies that it has. */
const signIn = async (email: string, password: string, cookie = ''): Promise<Tried> => {
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

const deviceCookieOf = ({ cookies }: Tried): string =>
  cookies.find((cookie) => cookie.includes('payloom_device='))?.split(';')[0] ?? '';

const guess = async (email: string, times: number, cookie = ''): Promise<Tried[]> => {
  const tried: Tried[] = [];
  for (let time = 0; time < times; time++) tried.push(await signIn(email, `Wrong-Password-${time}`, cookie));
  return tried;
};

describe('whoever tries passwords', () => {
  it('is locked out of the account, and the browser that its owner uses is not', async () => {
    const { email } = await world.register('CUSTOMER');
    const own = deviceCookieOf(await signIn(email, PASSWORD));
    expect(own).toContain('payloom_device=');
    const tried = await guess(email, 7);
    expect(tried.slice(0, 5).map(({ code }) => code)).toEqual(Array(5).fill('wrong_credentials'));
    expect(tried.slice(5).map(({ status, code }) => [status, code])).toEqual([
      [429, 'sign_in_locked'],
      [429, 'sign_in_locked'],
    ]);
    expect(tried[6]?.retryAfterS).toBeGreaterThan(30);
    // Neither does the right password help from elsewhere: who guessed it would learn so.
    expect((await signIn(email, PASSWORD)).code).toBe('sign_in_locked');
    expect((await signIn(email, PASSWORD, own)).status).toBe(200);
    expect((await guess(email, 1, own))[0]?.code).toBe('wrong_credentials');
    expect((await signIn(email, PASSWORD, own)).status).toBe(200);
    expect((await signIn(email, PASSWORD)).code).toBe('sign_in_locked');
  });

  it('gets no further with a browser that is known for another account', async () => {
    const victim = await world.register('CUSTOMER');
    const thief = await world.register('CUSTOMER');
    const cookie = deviceCookieOf(await signIn(thief.email, PASSWORD));
    await guess(victim.email, 6, cookie);
    expect((await signIn(victim.email, PASSWORD, cookie)).code).toBe('sign_in_locked');
  });

  it('learns nothing of who has an account', async () => {
    const { email } = await world.register('CUSTOMER');
    const answers = async (address: string) =>
      (await guess(address, 6)).map(({ status, code }) => [status, code]);
    expect(await answers('nobody.at.all@example.com')).toEqual(await answers(email));
  });

  it('tries five passwords at most, however many at once', async () => {
    const { email } = await world.register('CUSTOMER');
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, index) => signIn(email, `Wrong-Password-${index}`)),
    );
    expect(all.filter(({ code }) => code === 'wrong_credentials').length).toBeLessThanOrEqual(5);
    expect(all.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('is seen by administrators, who can lift it with a reason', async () => {
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

it('no secret stands in what is answered or told of sessions and devices', async () => {
  const { email, caller } = await world.register('CUSTOMER');
  const signedIn = await signIn(email, PASSWORD);
  const secrets = signedIn.cookies.map((cookie) => cookie.split(/[=;]/)[1] ?? '').filter(Boolean);
  expect(secrets.length).toBe(3);
  const { items } = await world.services.call(auth.actions.sessions, {}, { as: caller });
  const kept = JSON.stringify([
    items,
    await world.services.service('auth').db.query('select * from sessions'),
    await world.services.service('auth').db.query('select hash::text from refresh_tokens'),
    await world.services.service('auth').db.query('select * from known_devices'),
    await world.services.service('auth').db.query('select payload from outbox'),
  ]);
  for (const secret of secrets) expect(kept).not.toContain(secret);
});
