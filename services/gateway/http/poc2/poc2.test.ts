import { readFileSync } from 'node:fs';
import { register } from 'prom-client';
import { startGateway, type TestGateway } from '../../testing/start-gateway.ts';
import { clientLabels } from './clients.ts';
import { costOf } from './params.ts';
import { POC2_ROUTES } from './routes.ts';

let gateway: TestGateway;
beforeAll(async () => {
  const stays = { '/api/poc2/payments/charts': 'http://127.0.0.1:1' };
  gateway = await startGateway({
    env: { POC2_API: 'on', POC2_API_SUNSET: '2027-06-30', PROXY_ROUTES: JSON.stringify(stays) },
  });
});
afterAll(() => gateway.services.stop());

type Failure = { success: boolean; error: { code: string; message: string; details?: { path: string }[] } };

test('it is off by default', async () => {
  const other = await startGateway();
  try {
    const reply = await other.ask('POST /api/poc2/auth/login', { json: {} });
    expect([reply.status, reply.problem().code]).toEqual([404, 'not_found']);
  } finally {
    await other.services.stop();
  }
});

test('answers and errors say that it is deprecated, and name its last day', async () => {
  for (const path of ['/api/poc2/auth/me', '/api/poc2/no/such/path']) {
    const { headers } = await gateway.ask(`GET ${path}`);
    expect(headers).toMatchObject({
      deprecation: expect.stringMatching(/^@\d{10}$/),
      sunset: 'Wed, 30 Jun 2027 00:00:00 GMT',
      link: `<${gateway.origin}/api/docs>; rel="deprecation successor-version"`,
      'cache-control': 'no-store',
    });
  }
  expect((await gateway.ask('GET /api/things/1')).headers['deprecation']).toBeUndefined();
});

test.each([
  ['GET /api/poc2/payments/reports', {}, 404, 'NOT_FOUND', undefined],
  ['POST /api/poc2/webhooks/payments', { json: {} }, 404, 'NOT_FOUND', undefined],
  ['GET /api/poc2/', {}, 404, 'NOT_FOUND', undefined],
  ['DELETE /api/poc2/auth/me', {}, 405, 'METHOD_NOT_ALLOWED', undefined],
  ['GET /api/poc2/auth/me', {}, 401, 'UNAUTHORIZED', undefined],
  ['GET /api/poc2/auth/me', { headers: { authorization: 'Bearer x' } }, 401, 'UNAUTHORIZED', undefined],
  ['POST /api/poc2/auth/refresh', { json: {} }, 400, 'VALIDATION_ERROR', ['refreshToken']],
  [
    'POST /api/poc2/auth/login',
    { headers: { 'content-type': 'application/json' }, body: '{' },
    400,
    'VALIDATION_ERROR',
    undefined,
  ],
  ['POST /api/poc2/auth/login', { body: 'x' }, 415, 'UNSUPPORTED_MEDIA_TYPE', undefined],
])('%s with %j is refused in the envelope of POC-2', async (route, given, status, code, paths) => {
  const reply = await gateway.ask(route, given);
  const { success, error } = reply.json<Failure>();
  expect([reply.status, success, error.code]).toEqual([status, false, code]);
  expect(error.message).toEqual(expect.any(String));
  expect(error.details?.map(({ path }) => path)).toEqual(paths);
  expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
});

test('an endpoint can stay with the old server', async () => {
  const headers = { authorization: `Bearer ${await gateway.sign()}` };
  const reply = await gateway.ask('GET /api/poc2/payments/charts/1', { headers });
  expect([reply.status, reply.problem().code]).toEqual([502, 'bad_gateway']);
});

test('the document lists each endpoint', () => {
  const document = new URL('../../../../docs/POC-3-Implementation/poc2-api.md', import.meta.url);
  const text = readFileSync(document, 'utf8');
  const endpoints = POC2_ROUTES.flatMap(({ routes }) => routes);
  expect(endpoints.filter((one) => !text.includes(`\`${one}\``))).toEqual([]);
  const listed = [...text.matchAll(/`((?:GET|POST|PUT|PATCH) \/(?!api).+?)`/g)].map(([, one]) => one);
  expect(listed.toSorted()).toEqual(endpoints.toSorted());
});

test('requests are counted by endpoint and client', async () => {
  const requests = async () =>
    (await register.getSingleMetric('payloom_poc2_requests_total')?.get())?.values ?? [];
  const token = await gateway.sign();
  const headers = { authorization: `Bearer ${token}`, 'user-agent': 'old-shop/1.2 (linux)' };
  expect((await gateway.ask('GET /api/poc2/auth/me', { headers })).status).toBe(200);
  await gateway.ask('GET /api/poc2/auth/me', { headers: { 'x-client': 'stranger' } });
  const counted = (await requests()).map(({ labels: { route, client } }) => `${route} ${client}`);
  expect(counted).toContain('GET /auth/me old-shop');
  expect(counted).toContain('other other');
  expect(counted.join()).not.toContain('stranger');
});

test('an endpoint counts together with the route of ours', async () => {
  const limits = { 'auth.me': { perAccountPerMinute: 2 } };
  const other = await startGateway({ env: { POC2_API: 'on', GATEWAY_LIMITS: JSON.stringify(limits) } });
  try {
    const headers = { authorization: `Bearer ${await other.sign()}` };
    const statuses = [];
    for (const path of ['/api/auth/me', '/api/poc2/auth/me', '/api/poc2/auth/me'])
      statuses.push((await other.ask(`GET ${path}`, { headers })).status);
    expect(statuses).toEqual([200, 200, 429]);
  } finally {
    await other.services.stop();
  }
});

test.each([
  ['', 1],
  ['page=2&limit=10', 1],
  ['page=100&limit=10', 2],
  ['page=100&limit=100', 11],
  ['page=99999&limit=99999', 11],
  ['page=-5&limit=x', 1],
  ['q=abc', 1],
  ['search=abc', 10],
])('a list with the query %j costs %i', (query, cost) => {
  expect(costOf({ search: 10 }, query)).toBe(cost);
});

test('names of clients are bounded', () => {
  const labelOf = clientLabels(2);
  const asked = (name: string) => ({ headers: { 'x-client': name } }) as never;
  expect(['a', 'b', 'c', 'a', 'x y', 'a'.repeat(41)].map((name) => labelOf(asked(name), true))).toEqual([
    ...['a', 'b', 'other', 'a', 'other', 'other'],
  ]);
});
