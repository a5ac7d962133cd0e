import { readConfig } from '../../broker/process/config.ts';
import { config } from './config.ts';

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
