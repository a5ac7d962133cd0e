import { pino } from 'pino';
import { openRedis, type Redis } from '../../../broker/cache/redis.ts';
import { startRedis, type TestRedis } from '../../../broker/cache/testing/start-redis.ts';
import { eventually } from '../../../broker/testing/start-services.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { limitsOf, type Count } from './limits.ts';

const log = pino({ level: 'silent' });
const NAME = auth.actions.login.name;

let server: TestRedis;
let connections: Redis[] = [];
beforeEach(async () => {
  server = await startRedis();
});
afterEach(async () => {
  for (const redis of connections) redis.close();
  connections = [];
  await server.end();
});

/** The limit of one gateway process: another path gives it a connection of its own. */
const gateway = async (perMinute: number, path: string): Promise<{ count: Count; redis: Redis }> => {
  const redis = openRedis({ url: `${server.url}/0?gateway=${path}`, name: path, log });
  connections.push(redis);
  await eventually(() => redis.healthy());
  const limits = { [NAME]: { perAccountPerMinute: perMinute } };
  const { account } = limitsOf(auth.actions.login, { limits, limitsOff: false }, redis);
  if (!account) throw new Error('there is no limit');
  return { count: account, redis };
};

const outcome = (count: Count, who: string): Promise<string> =>
  count(who).then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
const outcomes = async (counts: readonly Count[], who: string): Promise<string[]> => {
  const seen = [];
  for (const count of counts) seen.push(await outcome(count, who));
  return seen;
};

test('two gateways count together', async () => {
  const [first, second] = [await gateway(3, 'a'), await gateway(3, 'b')];
  const [a, b] = [first.count, second.count];
  expect(first.redis.client).not.toBe(second.redis.client);
  expect(await outcomes([a, b, a, b, a], 'ada')).toEqual(['ok', 'ok', 'ok', 'rate_limited', 'rate_limited']);
  expect(await outcome(b, 'bob')).toBe('ok');
  const refusal = await a('ada').catch((error: { data: { retryAfterS: number } }) => error);
  expect(refusal).toMatchObject({ data: { retryAfterS: expect.any(Number) } });
});

test('no e-mail address is kept in Redis', async () => {
  const { count, redis } = await gateway(3, 'a');
  await count('ada@example.com');
  const keys = await redis.client.keys('*');
  expect(keys.filter((key) => key.startsWith('limit:auth.login:account:'))).toHaveLength(1);
  expect(keys.join()).not.toContain('ada');
});

test('counts go on in memory while Redis is dead, and together again when it is back', async () => {
  const [first, second] = [await gateway(2, 'a'), await gateway(2, 'b')];
  const [a, b] = [first.count, second.count];
  await server.kill();
  // Each on its own: two of each pass, also those that come before anybody knows.
  expect(await outcomes([a, a, a, b, b, b], 'ada')).toEqual([
    ...['ok', 'ok', 'rate_limited'],
    ...['ok', 'ok', 'rate_limited'],
  ]);
  await server.start();
  await eventually(() => first.redis.healthy() && second.redis.healthy());
  expect(await outcomes([a, b, a], 'bob')).toEqual(['ok', 'ok', 'rate_limited']);
});

test('a paused Redis slows the first requests by 50 ms and no others', async () => {
  const { count, redis } = await gateway(10, 'a');
  await count('warm');
  server.pause();
  try {
    const burst = await Promise.all(Array.from({ length: 8 }, () => outcome(count, 'ada')));
    expect(new Set(burst)).toEqual(new Set(['ok']));
    expect(redis.healthy()).toBe(false);
    const startMs = performance.now();
    for (let index = 0; index < 200; index++) await outcome(count, `other ${index}`);
    expect(performance.now() - startMs).toBeLessThan(200);
    expect(await outcomes([count, count, count], 'ada')).toEqual(['ok', 'ok', 'rate_limited']);
  } finally {
    server.resume();
  }
  await eventually(() => redis.healthy());
  expect(await outcome(count, 'carl')).toBe('ok');
});

test('a flushed Redis, scripts and all, starts to count anew', async () => {
  const { count, redis } = await gateway(2, 'a');
  expect(await outcomes([count, count], 'ada')).toEqual(['ok', 'ok']);
  await redis.client.flushall();
  await redis.client.script('FLUSH');
  expect(await outcomes([count, count, count], 'ada')).toEqual(['ok', 'ok', 'rate_limited']);
  expect(redis.healthy()).toBe(true);
});

test('something strange under the key, or no time to live, is no way around the limit', async () => {
  const { count, redis } = await gateway(2, 'a');
  await count('ada');
  const [key = ''] = await redis.client.keys('limit:*');
  await redis.client.set(key, 'not a number');
  expect(await outcomes([count, count, count], 'ada')).toEqual(['ok', 'ok', 'rate_limited']);
  await redis.client.set(key, '99');
  const refusal = await count('ada').catch((error: { data: { retryAfterS: number } }) => error);
  expect((refusal as { data: { retryAfterS: number } }).data.retryAfterS).toBeLessThanOrEqual(60);
  expect(await redis.client.ttl(key)).toBeGreaterThan(0);
});
