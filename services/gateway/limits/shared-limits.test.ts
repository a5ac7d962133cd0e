import { pino } from 'pino';
import { openRedis, type Redis } from '../../../broker/cache/redis.ts';
import { startRedis, type TestRedis } from '../../../broker/cache/testing/start-redis.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { limitsOf, type Count } from './rate-limits.ts';
import type { Usage } from './usage.ts';

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

/** The limit of one gateway process; each path opens a connection of its own. */
const gateway = async (perMinute: number, path: string): Promise<{ count: Count; redis: Redis }> => {
  const redis = openRedis({
    url: `${server.url}/0?gateway=${path}`,
    name: path,
    log,
    // Longer than the product's limit, which a busy machine may exceed.
    commandLimitMs: 1_000,
  });
  connections.push(redis);
  await eventually(() => redis.healthy());
  const limits = { [NAME]: { perAccountPerMinute: perMinute } };
  const { account } = limitsOf(auth.actions.login, { limits, limitsOff: false }, redis);
  if (!account) throw new Error('there is no limit');
  return { count: account, redis };
};

/** The names of the commands that this process sends to Redis from now on. */
const recordCommands = ({ client }: Redis): string[] => {
  const names: string[] = [];
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, stream) => {
    names.push(command.name);
    return send(command, stream);
  };
  return names;
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

test('gateways report what is left of the limit that they share', async () => {
  const [first, second] = [await gateway(3, 'a'), await gateway(3, 'b')];
  const usage: Usage = [];
  for (const { count } of [first, second, first]) await count('ada', usage);
  await expect(second.count('ada', usage)).rejects.toMatchObject({ code: 'rate_limited' });
  // The second refusal comes from the memory of the process.
  await expect(second.count('ada', usage)).rejects.toMatchObject({ code: 'rate_limited' });
  expect(usage.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
  for (const { quota, resetS } of usage) {
    expect(quota).toBe(3);
    expect(resetS).toBeGreaterThan(0);
    expect(resetS).toBeLessThanOrEqual(60);
  }
});

test('at a route that needs a session only the account is counted in Redis', async () => {
  const { redis } = await gateway(3, 'a');
  const limits = limitsOf(auth.actions.me, { limits: {}, limitsOff: false }, redis);
  await limits.address?.('192.0.2.1');
  await limits.account?.('usr_1');
  const keys = await redis.client.keys('limit:auth.me:*');
  expect(keys.map((key) => key.split(':').slice(0, 3).join(':'))).toEqual(['limit:auth.me:account']);
});

test('Redis stores no e-mail address', async () => {
  const { count, redis } = await gateway(3, 'a');
  await count('ada@example.com');
  const keys = await redis.client.keys('*');
  expect(keys.filter((key) => key.startsWith('limit:auth.login:account:'))).toHaveLength(1);
  expect(keys.join()).not.toContain('ada');
});

test('gateways count in memory while Redis is down, and together again when it is back', async () => {
  const [first, second] = [await gateway(2, 'a'), await gateway(2, 'b')];
  const [a, b] = [first.count, second.count];
  await server.kill();
  // Each process allows two, including the requests before it has noticed that Redis is down.
  expect(await outcomes([a, a, a, b, b, b], 'ada')).toEqual([
    ...['ok', 'ok', 'rate_limited'],
    ...['ok', 'ok', 'rate_limited'],
  ]);
  await server.start();
  await eventually(() => first.redis.healthy() && second.redis.healthy());
  expect(await outcomes([a, b, a], 'bob')).toEqual(['ok', 'ok', 'rate_limited']);
});

test('once Redis does not respond, requests are counted without it', async () => {
  const { count, redis } = await gateway(10, 'a');
  const sent = recordCommands(redis);
  await count('warm');
  expect(sent).not.toEqual([]);
  server.pause();
  try {
    const burst = await Promise.all(Array.from({ length: 8 }, () => outcome(count, 'ada')));
    expect(new Set(burst)).toEqual(new Set(['ok']));
    expect(redis.healthy()).toBe(false);
    sent.length = 0;
    for (let index = 0; index < 200; index++) await outcome(count, `other ${index}`);
    // The health probe alone still writes to Redis.
    expect(sent.filter((name) => name !== 'set')).toEqual([]);
    expect(await outcomes([count, count, count], 'ada')).toEqual(['ok', 'ok', 'rate_limited']);
  } finally {
    server.resume();
  }
  await eventually(() => redis.healthy());
  expect(await outcome(count, 'carl')).toBe('ok');
});

test('after Redis was flushed, with its scripts, counting starts again at 0', async () => {
  const { count, redis } = await gateway(2, 'a');
  expect(await outcomes([count, count], 'ada')).toEqual(['ok', 'ok']);
  await redis.client.flushall();
  await redis.client.script('FLUSH');
  expect(await outcomes([count, count, count], 'ada')).toEqual(['ok', 'ok', 'rate_limited']);
  expect(redis.healthy()).toBe(true);
});

test('an invalid value under the key, or a missing time to live, does not bypass the limit', async () => {
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
