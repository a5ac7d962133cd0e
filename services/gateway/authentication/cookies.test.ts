import { EMAIL, PASSWORD } from '../testing/fake-services.ts';
import { startGateway, type Reply, type TestGateway } from '../testing/start-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.services.stop());

describe('sessions in cookies', () => {
  const signIn = { email: EMAIL, password: PASSWORD };
  const cookiesOf = (headers: { 'set-cookie'?: string[] }): string[] => headers['set-cookie'] ?? [];

  test('sign-in moves the tokens from the body into guarded cookies', async () => {
    const reply = await gateway.ask('POST /api/auth/login', {
      headers: { origin: gateway.origin },
      json: signIn,
    });
    expect(reply.status).toBe(200);
    expect(Object.keys(reply.json())).toEqual(['user']);
    const [access = '', refresh = ''] = cookiesOf(reply.headers);
    expect(access).toMatch(
      /^__Host-payloom_access_\d+=ey[^;]+; Path=\/; Max-Age=600; SameSite=Lax; HttpOnly; Secure$/,
    );
    expect(refresh).toMatch(
      /^__Secure-payloom_refresh_\d+=refresh-2; Path=\/api\/auth; Max-Age=\d+; SameSite=Strict; HttpOnly; S/,
    );
    const me = await gateway.ask('GET /api/auth/me', {
      headers: { cookie: `x=1; ${access.split(';')[0]}; y=2` },
    });
    expect(me.json()['email']).toBe(EMAIL);
  });

  test('refresh takes the token from the cookie only, not from a body', async () => {
    const headers = { origin: gateway.origin, cookie: gateway.cookie('refresh', 'refresh-1') };
    const reply = await gateway.ask('POST /api/auth/refresh', { headers });
    expect([reply.status, cookiesOf(reply.headers).length]).toEqual([200, 2]);
    const body = await gateway.ask('POST /api/auth/refresh', {
      headers,
      json: { refreshToken: 'refresh-1' },
    });
    expect([body.status, body.problem().errors?.[0]?.path]).toEqual([422, 'refreshToken']);
    expect(cookiesOf(body.headers)).toEqual([]);
  });

  test.each([
    ['a refresh', 'POST /api/auth/refresh', { refresh: 'old' }],
    ['a refresh without its cookie', 'POST /api/auth/refresh', { access: 'old' }],
    ['a sign-out', 'POST /api/auth/logout', { access: 'old', refresh: 'old' }],
    ['a read', 'GET /api/auth/me', { access: 'old' }],
  ])('the late refusal of %s keeps the cookies of a sign-in since', async (_what, route, old) => {
    const { origin } = gateway;
    const jar = new Map(
      Object.entries(old).map(([kind, value]) => [gateway.cookie(kind as 'access', '').slice(0, -1), value]),
    );
    const cookie = () => [...jar].map((pair) => pair.join('=')).join('; ');
    /** What a browser does when the response arrives. */
    const receive = ({ headers }: Reply): void => {
      for (const line of cookiesOf(headers)) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (line.includes('Max-Age=0')) jar.delete(name);
        else jar.set(name, value);
      }
    };
    const late = await gateway.ask(route, { headers: { origin, cookie: cookie() } });
    expect(late.status).toBe(401);
    receive(
      await gateway.ask('POST /api/auth/login', { headers: { origin, cookie: cookie() }, json: signIn }),
    );
    receive(late);
    expect(cookie()).toContain(gateway.cookie('refresh', 'refresh-2'));
    expect((await gateway.ask('GET /api/auth/me', { headers: { cookie: cookie() } })).status).toBe(200);
  });

  test('a sign-out with a bearer token keeps the cookies, which belong to another session', async () => {
    const headers = {
      authorization: `Bearer ${await gateway.sign()}`,
      cookie: gateway.cookie('access', await gateway.sign()),
      origin: gateway.origin,
    };
    const reply = await gateway.ask('POST /api/auth/logout', { headers });
    expect([reply.status, cookiesOf(reply.headers)]).toEqual([204, []]);
  });

  test('sign-out clears both cookies and revokes the session at once', async () => {
    const cookie = gateway.cookie('access', await gateway.sign());
    const reply = await gateway.ask('POST /api/auth/logout', { headers: { origin: gateway.origin, cookie } });
    expect([reply.status, reply.text, cookiesOf(reply.headers).length]).toEqual([204, '', 2]);
    const after = await gateway.ask('GET /api/auth/me', { headers: { cookie } });
    expect([after.status, after.problem().code]).toEqual([401, 'session_ended']);
  });

  test('tokens for API clients stay in the body', async () => {
    const reply = await gateway.ask('POST /api/auth/tokens', { json: signIn });
    expect(Object.keys(reply.json())).toEqual(['accessToken', 'refreshToken', 'expiresInS']);
    expect(cookiesOf(reply.headers)).toEqual([]);
  });
});

describe('the device cookie', () => {
  const json = { email: 'ada@example.com', password: 'right' };
  const deviceOf = (cookies: string[] | undefined) =>
    cookies?.find((cookie) => cookie.startsWith(gateway.cookie('device', '')));

  test('is set at sign-in, and neither scripts nor other sites can read it', async () => {
    const first = await gateway.ask('POST /api/auth/login', { json });
    const cookie = deviceOf(first.headers['set-cookie']);
    expect(cookie).toMatch(
      /^__Secure-payloom_device_\d+=device-1; Path=\/api\/auth; Max-Age=34560000; SameSite=/,
    );
    expect(cookie).toMatch(/SameSite=Strict; HttpOnly; Secure$/);
    expect(first.text).not.toContain('device-1');
    const headers = { cookie: gateway.cookie('device', 'device-7'), origin: gateway.origin };
    const again = await gateway.ask('POST /api/auth/login', { json, headers });
    expect(deviceOf(again.headers['set-cookie'])).toContain('=device-7;');
  });

  test('does not fail the sign-in when it is malformed, and is kept at sign-out', async () => {
    const headers = { cookie: gateway.cookie('device', 'x'.repeat(300)), origin: gateway.origin };
    expect((await gateway.ask('POST /api/auth/login', { json, headers })).status).toBe(200);
    const out = { cookie: gateway.cookie('access', await gateway.sign()), origin: gateway.origin };
    const reply = await gateway.ask('POST /api/auth/logout', { headers: out });
    expect(deviceOf(reply.headers['set-cookie'])).toBeUndefined();
  });

  test('cannot be replaced by a body field', async () => {
    const reply = await gateway.ask('POST /api/auth/login', { json: { ...json, deviceToken: 'device-9' } });
    expect([reply.status, reply.problem().errors?.[0]?.path]).toEqual([422, 'deviceToken']);
  });
});

describe('the Cookie header', () => {
  test.each([
    ['a value with a space', (own: string) => `x=1 ${own}`],
    ['a value with a comma', (own: string) => `x=1,${own}`],
    ['a longer name', (own: string) => `x${own}`],
  ])('another cookie is no session: %s', async (_what, make) => {
    const cookie = make(gateway.cookie('access', await gateway.sign()));
    const reply = await gateway.ask('GET /api/things/1', { headers: { cookie } });
    expect([reply.status, reply.problem().code]).toEqual([401, 'unauthenticated']);
  });

  test.each(['access', 'refresh'] as const)('a second %s cookie is refused', async (kind) => {
    const own = gateway.cookie(kind, kind === 'access' ? await gateway.sign() : 'refresh-1');
    const route = kind === 'access' ? 'GET /api/things/1' : 'POST /api/auth/refresh';
    for (const other of [gateway.cookie(kind, 'planted'), gateway.cookie(kind, ''), own]) {
      for (const cookie of [`${own}; ${other}`, `${other};${own}`]) {
        const reply = await gateway.ask(route, { headers: { cookie, origin: gateway.origin } });
        expect([reply.status, reply.problem().code]).toEqual([400, 'bad_request']);
        expect(reply.problem().detail).toContain(own.split('=')[0]);
        expect(reply.headers['set-cookie']).toBeUndefined();
      }
    }
  });

  test('two device cookies count as none', async () => {
    const cookie = `${gateway.cookie('device', 'device-7')}; ${gateway.cookie('device', 'planted')}`;
    const json = { email: 'ada@example.com', password: 'right' };
    const headers = { cookie, origin: gateway.origin };
    const reply = await gateway.ask('POST /api/auth/login', { json, headers });
    expect(reply.headers['set-cookie']).toContainEqual(
      expect.stringContaining(gateway.cookie('device', 'device-1;')),
    );
  });
});

test('two instances on one host name do not replace each other’s cookies', async () => {
  const json = { email: 'ada@example.com', password: 'right' };
  const other = await startGateway();
  try {
    const jar = new Map<string, string>();
    for (const { ask } of [gateway, other]) {
      const { headers } = await ask('POST /api/auth/login', { json });
      for (const line of headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
    }
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
    for (const { ask } of [gateway, other])
      expect((await ask('GET /api/auth/me', { headers: { cookie } })).status).toBe(200);
  } finally {
    await other.services.stop();
  }
});

test('cookie names and headers follow the scheme of the public address', async () => {
  const https = await startGateway({ env: { PUBLIC_URL: 'https://pay.example.com' } });
  const plain = await startGateway({ env: { PUBLIC_URL: 'http://box.lan' } });
  try {
    const json = { email: 'ada@example.com', password: 'right' };
    const safe = await https.ask('POST /api/auth/login', { json });
    expect(safe.headers['set-cookie']?.[0]).toMatch(/^__Host-payloom_access=.*Secure$/);
    expect(safe.headers['strict-transport-security']).toContain('max-age=');
    const open = await plain.ask('POST /api/auth/login', { json });
    expect(open.headers['set-cookie']?.[0]).toMatch(/^payloom_access=(?!.*Secure)/);
    const forged = { cookie: `__Host-payloom_access=${await plain.sign()}` };
    expect((await plain.ask('GET /api/auth/me', { headers: forged })).status).toBe(401);
  } finally {
    await https.services.stop();
    await plain.services.stop();
  }
});
