import { newId } from '../../../broker/process/ids.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { FORGERIES } from '../testing/forgeries.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

const ENDED = newId('session', Date.now());
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ ended: [ENDED] });
});
afterAll(() => gateway.services.stop());

const withToken = (token: string) =>
  gateway.ask('GET /api/things/1', { headers: { authorization: `Bearer ${token}` } });
describe('access tokens', () => {
  test.each(FORGERIES)('are refused: %s', async (_name, make, code) => {
    const token = await make(gateway, ENDED);
    const reply = await withToken(token);
    expect([reply.status, reply.problem().code]).toEqual([401, code]);
    expect(reply.headers['www-authenticate']).toContain('Bearer');
    const cookie = await gateway.ask('GET /api/things/1', {
      headers: { cookie: gateway.cookie('access', token) },
    });
    expect(cookie.status).toBe(401);
    // An action that anyone may call ignores the token.
    const open = await gateway.ask('GET /api/auth/jwks', { headers: { authorization: `Bearer ${token}` } });
    expect(open.status).toBe(200);
  });

  test('a valid token is accepted repeatedly, a bearer token before the cookie', async () => {
    const token = await gateway.sign();
    for (const _ of [1, 2, 3]) expect((await withToken(token)).status).toBe(200);
    const headers = { authorization: `Bearer ${token}`, cookie: gateway.cookie('access', 'broken') };
    expect((await gateway.ask('GET /api/things/1', { headers })).status).toBe(200);
    const swapped = { authorization: 'Bearer broken', cookie: gateway.cookie('access', token) };
    expect((await gateway.ask('GET /api/things/1', { headers: swapped })).status).toBe(401);
  });

  test('a role without permission is refused before the service is called', async () => {
    const headers = {
      authorization: `Bearer ${await gateway.sign({ role: 'ADMIN' })}`,
      'idempotency-key': 'k',
    };
    const reply = await gateway.ask('POST /api/things', { headers, json: { name: 'x' } });
    expect([reply.status, reply.problem().code]).toEqual([403, 'forbidden']);
  });

  test('a session that has ended is refused', async () => {
    const sid = newId('session', Date.now());
    const token = await gateway.sign({ sid });
    expect((await withToken(token)).status).toBe(200);
    await gateway.services
      .service('auth')
      .sendSignal(auth.signals.revoked, { sessionIds: [sid], staleVersions: [] });
    expect((await withToken(token)).problem().code).toBe('session_ended');
  });

  test('a change of rights makes the older tokens of this user stale, and no others', async () => {
    const sub = newId('user', Date.now());
    const [old, fresh, other] = [
      await gateway.sign({ sub, ver: 1 }),
      await gateway.sign({ sub, ver: 2 }),
      await gateway.sign({ ver: 1 }),
    ];
    const staleVersions = [{ userId: sub, version: 2 }];
    await gateway.services
      .service('auth')
      .sendSignal(auth.signals.revoked, { sessionIds: [], staleVersions });
    expect((await withToken(old)).problem().code).toBe('token_expired');
    expect((await withToken(fresh)).status).toBe(200);
    expect((await withToken(other)).status).toBe(200);
  });

  test('a token of a revoked signing key is refused at once, also when it was accepted before', async () => {
    const local = await startGateway();
    try {
      const ask = async (token: string) => {
        const reply = await local.ask('GET /api/things/1', { headers: { authorization: `Bearer ${token}` } });
        return reply.status === 200 ? 200 : reply.problem().code;
      };
      const used = await local.sign();
      expect(await ask(used)).toBe(200);
      const revoked = { sessionIds: [], staleVersions: [], keyIds: ['key-1'] };
      await local.services.service('auth').sendSignal(auth.signals.revoked, revoked);
      expect([await ask(used), await ask(await local.sign())]).toEqual(['token_expired', 'token_expired']);
    } finally {
      await local.services.stop();
    }
  });

  test('an action for services only has no route', async () => {
    expect(auth.actions.revocations).not.toHaveProperty('http');
    expect((await gateway.ask('POST /api/auth/revocations')).status).toBe(404);
  });
});

type Site = { origin?: string; 'sec-fetch-site'?: string };
const OURS = 'ours';
const SITES: [name: string, headers: Site, allowed: boolean][] = [
  ['our own origin', { origin: OURS }, true],
  ['our own origin under its other local name', { origin: 'local' }, true],
  ['no origin, same-origin by Sec-Fetch-Site', { 'sec-fetch-site': 'same-origin' }, true],
  ['the development server', { origin: 'http://localhost:5999' }, true],
  ['a foreign origin', { origin: 'https://evil.example' }, false],
  [
    'a foreign origin that claims to be same-origin',
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    false,
  ],
  ['the null origin', { origin: 'null' }, false],
  ['our host on another port', { origin: 'http://localhost:1' }, false],
  ['our host over https', { origin: 'https://localhost' }, false],
  ['a sibling site', { 'sec-fetch-site': 'same-site' }, false],
  ['a foreign site', { 'sec-fetch-site': 'cross-site' }, false],
  ['a request without a page', { 'sec-fetch-site': 'none' }, false],
  ['neither header', {}, false],
];

describe('a write with cookies must come from our own pages', () => {
  let local: TestGateway;
  beforeAll(async () => {
    local = await startGateway({ env: { GATEWAY_EXTRA_ORIGINS: 'http://localhost:5999' } });
  });
  afterAll(() => local.services.stop());

  const headersOf = ({ origin, ...rest }: Site) => {
    const known: Record<string, string> = { [OURS]: local.origin, local: `http://127.0.0.1:${local.port}` };
    return origin === undefined ? rest : { ...rest, origin: known[origin] ?? origin };
  };
  const ids = { email: 'ada@example.com', password: 'right' };

  test.each(SITES)('%s', async (_name, site, allowed) => {
    const cookie = local.cookie('access', await local.sign());
    const headers = { ...headersOf(site), 'idempotency-key': 'k', cookie };
    const write = await local.ask('POST /api/things', { headers, json: { name: 'x' } });
    expect(write.status).toBe(allowed ? 201 : 403);
    if (!allowed) expect(write.problem().code).toBe('cross_site');
    const out = await local.ask('POST /api/auth/logout', { headers });
    expect(out.status).toBe(allowed ? 204 : 403);
    const refresh = { ...headersOf(site), cookie: local.cookie('refresh', 'refresh-1') };
    expect((await local.ask('POST /api/auth/refresh', { headers: refresh })).status).toBe(
      allowed ? 200 : 403,
    );
  });

  test.each(SITES)('sign-in without cookies: %s', async (_name, site, allowed) => {
    const reply = await local.ask('POST /api/auth/login', { headers: headersOf(site), json: ids });
    const hasNoSite = Object.keys(site).length === 0;
    expect(reply.status).toBe(allowed || hasNoSite ? 200 : 403);
  });

  test.each(SITES)('what only our pages send, without cookies: %s', async (_name, site, allowed) => {
    const reply = await local.ask('POST /api/measured', { headers: headersOf(site), json: {} });
    const hasNoSite = Object.keys(site).length === 0;
    expect(reply.status).toBe(allowed || hasNoSite ? 204 : 403);
  });

  test('neither a bearer token nor a read needs an origin', async () => {
    const token = await local.sign();
    const headers = {
      authorization: `Bearer ${token}`,
      origin: 'https://elsewhere.example',
      'idempotency-key': 'k',
    };
    expect((await local.ask('POST /api/things', { headers, json: { name: 'x' } })).status).toBe(201);
    const cookie = { cookie: local.cookie('access', token) };
    expect((await local.ask('GET /api/things/1', { headers: cookie })).status).toBe(200);
  });
});
