import { decodeJwt, decodeProtectedHeader } from 'jose';
import { rawResponse } from '../../../../broker/testing/raw-connection.ts';
import { newId } from '../../../../broker/process/ids.ts';
import { startGateway, type TestGateway } from '../../testing/start-gateway.ts';
import { startUpstream, type Echo, type Upstream } from '../../testing/upstream.ts';
import { targetOf } from './forward.ts';

const ENDED = newId('session', Date.now());
let upstream: Upstream;
let gateway: TestGateway;
let bearer: { authorization: string };
const routes = () => ({
  '/api/old': upstream.origin,
  '/api/old/open': { upstream: upstream.origin, permission: 'anyone' },
  '/api/old/admins': { upstream: upstream.origin, permission: ['ADMIN'] },
  '/api/limited': upstream.origin,
});
beforeAll(async () => {
  upstream = await startUpstream();
  const env = {
    PROXY_ROUTES: JSON.stringify(routes()),
    GATEWAY_LIMITS: JSON.stringify({ 'proxy /api/limited.write': { perAccountPerMinute: 2 } }),
  };
  gateway = await startGateway({ env, ended: [ENDED] });
  bearer = { authorization: `Bearer ${await gateway.sign()}` };
});
afterEach(() => upstream.reset());
afterAll(async () => {
  await gateway.services.stop();
  await upstream.stop();
});

const cookieOf = async () => gateway.cookie('access', await gateway.sign());
const echoed = async (route: string, headers: Record<string, string> = bearer, body?: string) => {
  const reply = await gateway.ask(route, { headers, body });
  expect(reply.status).toBe(200);
  return reply.json<Echo>();
};

describe('a proxied request', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'with %s arrives with its target and its body',
    async (method) => {
      const target = '/api/old/a%20b/;x?q=%2F&q=2';
      expect(await echoed(`${method} ${target}`, bearer, 'body')).toMatchObject({
        method,
        target,
        body: 'body',
        headers: { 'content-length': '4' },
      });
      const empty = await echoed(`${method} ${target}`);
      expect(empty.headers['transfer-encoding']).toBeUndefined();
    },
  );

  test('with HEAD gets the head of the answer', async () => {
    const reply = await gateway.ask('HEAD /api/old', { headers: bearer });
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(upstream.seen[0]!.request.method).toBe('HEAD');
  });

  test.each([
    ['TRACE', '/api/old', 405],
    ['GET', '/api/older', 404],
    ['GET', '/api/old/../auth/jwks', 400],
    ['GET', '/api/old/%2e%2E/admins', 400],
    ['GET', '/api/old/open/..;/admins', 400],
    ['GET', '/api/old/a%2f..%2fadmins', 400],
    ['GET', '/api/old/open/..\\admins', 400],
  ])('with %s %s does not arrive: %i', async (method, target, status) => {
    const text = await rawResponse(
      gateway.port,
      `${method} ${target}`,
      `Authorization: ${bearer.authorization}`,
    );
    expect(text).toContain(`HTTP/1.1 ${status} `);
    expect(upstream.seen).toEqual([]);
  });

  test('that asks for a WebSocket is an ordinary one', async () => {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const { headers } = await echoed('GET /api/old', { ...bearer, ...upgrade });
    expect([headers['upgrade'], headers['connection']]).toEqual([undefined, 'close']);
  });

  test('says who the caller is by a token for this upstream alone, and never by the cookie', async () => {
    const sid = newId('session', Date.now());
    const token = await gateway.sign({ sid, role: 'VENDOR' });
    const credentials: Record<string, string>[] = [
      { authorization: `Bearer ${token}` },
      { cookie: `theme=dark; ${gateway.cookie('access', token)}` },
    ];
    for (const sent of credentials) {
      const { headers } = await echoed('GET /api/old', sent);
      expect(headers['cookie']).toBeUndefined();
      const received = headers['authorization']!.slice('Bearer '.length);
      const { aud, iat, exp, ...claims } = decodeJwt(received);
      expect(claims).toMatchObject({ sid, role: 'VENDOR', iss: gateway.origin });
      expect([aud, exp! - iat!]).toEqual([upstream.origin, 60]);
      expect(decodeProtectedHeader(received)).toMatchObject({ typ: 'JWT', kid: 'key-1' });
      const back = await gateway.ask('GET /api/old', { headers: { authorization: `Bearer ${received}` } });
      expect(back.status).toBe(401);
    }
  });

  test('gets its own headers, without those that stay here, and what the gateway knows of it', async () => {
    const { headers } = await echoed('GET /api/old', {
      ...bearer,
      'x-request-id': 'request-17',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'idempotency-key': 'k',
      connection: 'keep-alive, x-hop',
      'x-hop': '1',
      'keep-alive': 'timeout=5',
      'proxy-authorization': 'Basic eA==',
      te: 'trailers, deflate',
      'x-forwarded-for': '8.8.8.8',
      'x-forwarded-user': 'admin',
      x_real_ip: '8.8.8.8',
      forwarded: 'for=8.8.8.8',
      'x-original-url': '/admin',
      baggage: 'email=someone@example.com',
      tracestate: 'vendor=1',
    });
    const { host } = new URL(gateway.origin);
    const { authorization, ...others } = headers;
    expect(authorization).toMatch(/^Bearer ey/);
    expect(others).toEqual({
      connection: 'close',
      host: new URL(upstream.origin).host,
      'idempotency-key': 'k',
      te: 'trailers',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
      via: `1.1 payloom.${host}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': host,
      'x-forwarded-proto': 'http',
      'x-request-id': 'request-17',
    });
  });

  test('that went through this gateway before is refused', async () => {
    const { headers } = await echoed('GET /api/old');
    const reply = await gateway.ask('GET /api/old', { headers: { ...bearer, via: headers['via']! } });
    expect([reply.status, reply.problem().code]).toEqual([502, 'bad_gateway']);
  });
});

test('an IPv6 address is not resolved as a name', () => {
  expect(targetOf('http://[::1]:81')).toEqual({ protocol: 'http:', hostname: '::1', port: '81' });
});

describe('a route of an upstream', () => {
  test.each([
    ['without credentials', '/api/old', {}, 401, 'unauthenticated'],
    ['with another role', '/api/old/admins', null, 403, 'forbidden'],
  ])('refuses a caller %s', async (_who, path, headers, status, code) => {
    const reply = await gateway.ask(`GET ${path}`, { headers: headers ?? bearer });
    expect([reply.status, reply.problem().code]).toEqual([status, code]);
    expect(upstream.seen).toEqual([]);
  });

  test('refuses an ended session', async () => {
    const authorization = `Bearer ${await gateway.sign({ sid: ENDED })}`;
    expect((await gateway.ask('GET /api/old', { headers: { authorization } })).status).toBe(401);
  });

  test.each([
    ['POST', { origin: 'https://evil.example' }, 403],
    ['PROPFIND', {}, 403],
    ['POST', { origin: 'ours' }, 200],
    ['GET', { origin: 'https://evil.example' }, 200],
  ])('answers %s with the cookie and %j by %i', async (method, { origin }: { origin?: string }, status) => {
    const page = origin === 'ours' ? gateway.origin : origin;
    const headers = { cookie: await cookieOf(), ...(page && { origin: page }) };
    expect((await gateway.ask(`${method} /api/old`, { headers })).status).toBe(status);
    expect(upstream.seen).toHaveLength(status === 200 ? 1 : 0);
  });

  test('for anyone takes no credentials and passes none on', async () => {
    const headers = { ...bearer, cookie: await cookieOf() };
    for (const sent of [{}, headers]) {
      const echo = await echoed('POST /api/old/open/x', sent as Record<string, string>);
      expect([echo.headers['authorization'], echo.headers['cookie']]).toEqual([undefined, undefined]);
    }
  });

  test('has limits', async () => {
    const ask = () => gateway.ask('POST /api/limited', { headers: bearer });
    const replies = [await ask(), await ask(), await ask()];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(replies[0]!.headers['ratelimit-policy']).toContain('"account";q=2;w=60');
  });
});

describe('an answer of an upstream', () => {
  test('keeps its status and headers, without those of the whole origin, and gets ours', async () => {
    upstream.handle((_request, response) =>
      response
        .writeHead(418, [
          ...['Content-Type', 'text/html', 'ETag', '"1"', 'Link', '<a>', 'Link', '<b>'],
          ...['Cache-Control', 'max-age=5', 'Set-Cookie', 'x=1', 'Connection', 'X-Hop', 'X-Hop', '1'],
          ...['Access-Control-Allow-Origin', '*', 'X-Accel-Redirect', '/secret', 'Clear-Site-Data', '*'],
          ...['Content-Security-Policy', 'default-src *', 'Server', 'old', 'X-Request-Id', 'theirs'],
          ...['Location', `${upstream.origin}/api/old/1`],
        ])
        .end('<p>'),
    );
    const reply = await gateway.ask('GET /api/old', { headers: { ...bearer, 'x-request-id': 'request-18' } });
    const { date: _date, ratelimit: _limit, 'ratelimit-policy': _policy, ...headers } = reply.headers;
    expect([reply.status, reply.text]).toEqual([418, '<p>']);
    expect(headers).toEqual({
      'cache-control': 'max-age=5',
      connection: 'close',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'content-type': 'text/html',
      'cross-origin-resource-policy': 'same-origin',
      etag: '"1"',
      link: '<a>, <b>',
      location: `${gateway.origin}/api/old/1`,
      'referrer-policy': 'same-origin',
      'transfer-encoding': 'chunked',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'request-18',
    });
  });

  test.each([204, 304])('of %i has no body', async (status) => {
    upstream.handle((_request, response) => response.writeHead(status).end());
    const reply = await gateway.ask('GET /api/old', { headers: bearer });
    expect([reply.status, reply.text]).toEqual([status, '']);
    expect(reply.headers['transfer-encoding']).toBeUndefined();
  });
});

test.each([
  ['both a length and chunks', ['Content-Length: 3', 'Transfer-Encoding: chunked']],
  ['two lengths', ['Content-Length: 3', 'Content-Length: 4']],
  ['chunks that are not last', ['Transfer-Encoding: chunked, gzip']],
  ['another transfer coding', ['Transfer-Encoding: gzip, chunked']],
])('a request with %s is refused and does not arrive', async (_name, framing) => {
  const authorization = `Authorization: ${bearer.authorization}`;
  const text = await rawResponse(gateway.port, 'POST /api/old', authorization, ...framing);
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(upstream.seen).toEqual([]);
});
