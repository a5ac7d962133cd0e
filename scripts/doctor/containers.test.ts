import type { Container } from '../compose/docker.ts';
import { sentenceOf, serviceFindings } from './containers.ts';

const container = (condition: string, more: Partial<Container> = {}): Container => ({
  id: 'a1',
  name: 'payloom-auth-1',
  service: 'auth',
  isRunning: condition === 'healthy' || condition === 'unhealthy',
  condition,
  exitCode: 0,
  ...more,
});
const last = async () => ' Its last words: AUTH_KEY_SEAL_FILE names /run/secrets/x, which cannot be read';
const check = async (containers: Container[], config = {}) =>
  (await serviceFindings('auth', config, containers, last)).filter(({ ok }) => !ok).map(({ text }) => text);

const TWO = { deploy: { replicas: 2 } };
const ONCE = { restart: 'no' };

test.each([
  ['a healthy container', [container('healthy')], {}],
  ['as many as the file wants', [container('healthy'), container('healthy')], TWO],
  ['more than the file wants', [container('healthy'), container('healthy')], {}],
  ['one that has run once', [container('exited')], ONCE],
])('%s is right', async (_name, containers, config) => {
  expect(await check(containers, config)).toEqual([]);
});

test.each([
  ['no container', [], {}, ['0 of 1 containers are healthy.']],
  ['a replica that is missing', [container('healthy')], TWO, ['1 of 2 containers are healthy.']],
  [
    'one that does not start',
    [container('restarting', { exitCode: 1 })],
    {},
    [`payloom-auth-1 is restarting.${await last()}`, '0 of 1 containers are healthy.'],
  ],
  ['one that failed', [container('exited', { exitCode: 1 })], ONCE, [`It ended with 1.${await last()}`]],
])('%s is named', async (_name, containers, config, texts) => {
  expect(await check(containers, config)).toEqual(texts);
});

test('a line of a log is shown as its sentence', () => {
  expect(sentenceOf('{"level":"warn","err":{"message":"no answer","stack":"at x"},"msg":"it failed"}')).toBe(
    'it failed: no answer',
  );
  expect(sentenceOf('  A text.')).toBe('A text.');
});
