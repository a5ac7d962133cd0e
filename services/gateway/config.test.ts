import { hostname } from 'node:os';
import { readConfig } from '../../broker/process/config.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { config, configFor } from './config.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://pay.example.com',
  TRUSTED_PROXIES: '10.0.0.0/8',
};
const problemsOf = (env: Record<string, string>): string[] => readConfig(config, env).problems;

test('development needs no variable', () => {
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ GATEWAY_LIMITS_OFF: 'true', PUBLIC_URL: 'http://box.lan' })).toEqual([]);
});

test.each([
  [{}],
  [{ TRUSTED_PROXIES: 'none' }],
  [{ GATEWAY_LIMITS_OFF: 'false' }],
  [{ GATEWAY_LIMITS_OFF: 'true', TEST_SYSTEM: 'true' }],
  [{ PUBLIC_URL: 'http://localhost:3000', GATEWAY_EXTRA_ORIGINS: 'http://localhost:3001' }],
])('production starts with %j', (more) => {
  expect(problemsOf({ ...PRODUCTION, ...more })).toEqual([]);
});

test.each([
  ['TRUSTED_PROXIES', { TRUSTED_PROXIES: '' }],
  ['TRUSTED_PROXIES', { TRUSTED_PROXIES: 'none, 10.0.0.1' }],
  ['PUBLIC_URL', { PUBLIC_URL: 'http://pay.example.com' }],
  ['GATEWAY_EXTRA_ORIGINS', { GATEWAY_EXTRA_ORIGINS: 'https://a.example, http://b.example' }],
  ['GATEWAY_LIMITS_OFF', { GATEWAY_LIMITS_OFF: 'true' }],
])('production names %s and does not start with %j', (name, more) => {
  const problems = problemsOf({ ...PRODUCTION, ...more });
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual([name]);
});

test('all problems are reported at once', () => {
  expect(problemsOf({ NODE_ENV: 'production', PUBLIC_URL: 'http://a.example' })).toHaveLength(2);
});

test('none means that no X-Forwarded-For is believed', () => {
  expect(readConfig(config, { TRUSTED_PROXIES: 'none' }).config?.trustedProxies).toBeNull();
});

test.each([
  ['POC2_API', 'yes', 'must be on or off'],
  ['POC2_API_SUNSET', 'next year', 'must be a day such as 2027-06-30'],
  ['POC2_API_SUNSET', '2027-02-30', 'must be a day such as 2027-06-30'],
])('%s cannot be %s', (name, value, problem) => {
  expect(problemsOf({ [name]: value })).toEqual([`${name} ${problem}`]);
});

describe('PROXY_ROUTES', () => {
  const routeProblems = (upstream: unknown, more: Record<string, string> = {}, prefix = '/api/archive') =>
    readConfig(configFor(CONTRACTS), { PROXY_ROUTES: JSON.stringify({ [prefix]: upstream }), ...more })
      .problems;

  test('takes upstreams by prefix, and finds the longer prefix first', () => {
    const text = JSON.stringify({
      '/api/archive': 'http://archive:8080',
      '/api/archive/open': { upstream: 'https://archive.example', permission: 'anyone' },
      '/api/archive/audit-log/v1.2': { upstream: 'http://[::1]:81/', permission: ['ADMIN'] },
    });
    expect(readConfig(configFor(CONTRACTS), { PROXY_ROUTES: text }).config?.proxyRoutes).toEqual([
      { prefix: '/api/archive/audit-log/v1.2', upstream: 'http://[::1]:81', permission: ['ADMIN'] },
      { prefix: '/api/archive/open', upstream: 'https://archive.example', permission: 'anyone' },
      { prefix: '/api/archive', upstream: 'http://archive:8080', permission: 'signed-in' },
    ]);
    expect(readConfig(config, { PROXY_ROUTES: ' ' }).config?.proxyRoutes).toEqual([]);
  });

  test.each(['{', '[]', '{"/api/a":1}', '{"/api/a":{"upstream":"http://a","permision":"anyone"}}'])(
    'must be JSON of that form, not %s',
    (text) => {
      expect(problemsOf({ PROXY_ROUTES: text })).toEqual([
        'PROXY_ROUTES must be JSON such as {"/api/archive":"http://archive:8080"}',
      ]);
    },
  );

  test.each([
    '/',
    '/api',
    '/api/',
    '/reports',
    'api/archive',
    '/api/a/',
    '/api/a//b',
    '/api/../a',
    '/api/:a',
  ])('must not have the prefix %s', (prefix) => {
    expect(routeProblems('http://archive:8080', {}, prefix)).toEqual([
      `PROXY_ROUTES has the prefix ${prefix}; a prefix is like /api/archive`,
    ]);
  });

  test.each([
    ...[
      'reports:8080',
      'ftp://reports',
      'http://',
      'http://reports/v1',
      'http://reports?a',
      'http://reports#a',
    ],
    'http://user:secret@reports',
  ])('must not have the upstream %s', (upstream) => {
    expect(routeProblems(upstream)).toEqual([
      'PROXY_ROUTES needs for /api/archive an http or https origin such as http://archive:8080',
    ]);
  });

  test.each([
    ['http://localhost:3000', {}],
    ['http://[::1]:3000', {}],
    ['http://0.0.0.0:3000', {}],
    [`http://${hostname()}:3000`, {}],
    ['http://127.0.0.1:3100', { PORT: '3100' }],
    ['https://pay.example.com', { PUBLIC_URL: 'https://pay.example.com' }],
    ['http://10.1.2.3', { HOST: '10.1.2.3', PORT: '80' }],
    ['http://other.example:81', { GATEWAY_EXTRA_ORIGINS: 'http://other.example:81' }],
  ])('must not lead back: %s with %j', (upstream, more) => {
    expect(routeProblems(upstream, more as Record<string, string>)).toEqual([
      'PROXY_ROUTES sends /api/archive to this gateway itself',
    ]);
  });

  test.each([
    ['/api/payments', '/api/payments'],
    ['/api/payments/export', '/api/payments/:id'],
    ['/api/auth', '/api/auth/'],
    ['/api/docs', '/api/docs'],
    ['/api/docs/old', '/api/docs'],
  ])('must not overlap with a route of ours: %s', (prefix, path) => {
    const problems = routeProblems('http://archive:8080', {}, prefix);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`has the prefix ${prefix}, which overlaps with the route ${path}`);
  });

  test.each([
    ['http://reports.example:8080', 1],
    ['http://8.8.8.8', 1],
    ['http://[2001:db8::1]', 1],
    ['https://archive.example', 0],
    ['http://archive:8080', 0],
    ['http://reports.default.svc.cluster.local', 0],
    ['http://172.20.0.9', 0],
    ['http://[fd00::1]:81', 0],
    ['http://127.0.0.1:81', 0],
  ])('in production %s gives %i problem', (upstream, count) => {
    const problems = routeProblems(upstream, PRODUCTION);
    expect(problems).toEqual(
      Array.from(
        { length: count },
        () =>
          'PROXY_ROUTES must use https for /api/archive in production: its upstream is not in a ' +
          'private network',
      ),
    );
    expect(routeProblems(upstream)).toEqual([]);
  });
});
