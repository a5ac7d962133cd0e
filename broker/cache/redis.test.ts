import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { eventually } from '../testing/eventually.ts';
import { redisUrl } from '../process/config.ts';
import { openRedis, type Redis } from './redis.ts';
import { startRedis, type TestRedis } from './testing/start-redis.ts';

const PASSWORD = 'hunter2-and-then-some';

/** A log that keeps its sentences. */
const keptLog = () => {
  const lines: { level: string; msg: string }[] = [];
  const keep = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { lines, log: pino({ formatters: { level: (label) => ({ level: label }) } }, keep) };
};

/** Longer than the product's limit, which a busy machine may exceed. */
const COMMAND_LIMIT_MS = 1_000;

const opened: Redis[] = [];
const connect = (url: string) => {
  const { lines, log } = keptLog();
  const redis = openRedis({ url, name: 'test', log, commandLimitMs: COMMAND_LIMIT_MS });
  opened.push(redis);
  return { redis, lines };
};
const ready = (redis: Redis) => eventually(() => redis.healthy());

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterEach(() => opened.splice(0).forEach((redis) => redis.close()));
afterAll(() => server.end());

test('one process has one connection to one Redis until its last holder closes it', async () => {
  const [first, second] = [connect(server.url), connect(server.url)];
  await ready(first.redis);
  expect(second.redis.client).toBe(first.redis.client);
  first.redis.close();
  first.redis.close();
  expect(second.redis.healthy()).toBe(true);
  expect(await second.redis.client.ping()).toBe('PONG');
  second.redis.close();
  expect(second.redis.healthy()).toBe(false);
  expect(connect(server.url).redis.client).not.toBe(first.redis.client);
});

test('a Redis that is killed and restarted is logged once each way, and starts a new session', async () => {
  const { redis, lines } = connect(server.url);
  await ready(redis);
  const before = redis.session();
  await server.kill();
  await eventually(() => !redis.healthy());
  await expect(redis.client.get('x')).rejects.toThrow();
  await eventually(() => lines.length > 0);
  await server.start();
  await ready(redis);
  expect(redis.session()).toBeGreaterThan(before);
  expect(lines.map(({ level, msg }) => [level, msg.replace(/:\d+/, '')])).toEqual([
    ['warn', expect.stringMatching(/^Redis at 127\.0\.0\.1 (refuses connections|has closed)/)],
    ['info', 'Redis at 127.0.0.1 serves again'],
  ]);
});

test('after one command without a reply a paused Redis is not healthy', async () => {
  const { redis } = connect(server.url);
  await ready(redis);
  server.pause();
  try {
    await expect(redis.client.get('x')).rejects.toThrow('timed out');
    // Callers check this before each command, so no later one waits.
    expect(redis.healthy()).toBe(false);
  } finally {
    server.resume();
  }
  await ready(redis);
  expect(await redis.client.get('x')).toBeNull();
});

test('a pause that outlives the connection ends in a new connection', async () => {
  const { redis, lines } = connect(server.url);
  await ready(redis);
  server.pause();
  try {
    await expect(redis.client.get('x')).rejects.toThrow();
    await eventually(() => redis.client.status !== 'ready', 8_000);
    expect(redis.healthy()).toBe(false);
  } finally {
    server.resume();
  }
  await ready(redis);
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'info']);
});

test('a wrong password is logged once, without the password, however often it is tried', async () => {
  const guarded = await startRedis('--requirepass', PASSWORD);
  try {
    const wrong = connect(guarded.url.replace('//', '//:not-the-password@'));
    const missing = connect(guarded.url);
    let tries = 0;
    wrong.redis.client.on('error', () => tries++);
    await eventually(() => tries >= 4 && missing.lines.length > 0, 15_000);
    for (const { lines } of [wrong, missing]) {
      expect(lines).toHaveLength(1);
      expect(lines[0]?.level).toBe('warn');
      expect(lines[0]?.msg).toMatch(/^Redis at 127.0.0.1:\d+ refuses the user or password of REDIS_URL: /);
    }
    expect(JSON.stringify(wrong.lines)).not.toContain('not-the-password');
    const right = connect(guarded.url.replace('//', `//:${PASSWORD}@`));
    await ready(right.redis);
  } finally {
    await guarded.end();
  }
});

test('a Redis that takes no writes is not healthy though it answers', async () => {
  const { redis, lines } = connect(server.url);
  await ready(redis);
  const { client } = redis;
  await client.config('SET', 'maxmemory', '1');
  await expect(client.set('x', '1')).rejects.toThrow('OOM');
  expect(redis.healthy()).toBe(false);
  await eventually(() => lines.length > 0);
  expect(redis.healthy()).toBe(false);
  expect(lines[0]?.msg).toContain('refuses to serve (OOM');
  await client.config('SET', 'maxmemory', '0');
  await ready(redis);
  expect(lines).toHaveLength(2);
});

test('a command error does not make Redis unhealthy', async () => {
  const { redis } = connect(server.url);
  await ready(redis);
  await redis.client.set('text', 'x');
  await expect(redis.client.incr('text')).rejects.toThrow('not an integer');
  expect(redis.healthy()).toBe(true);
});

test('a server that is not Redis, and a closed port, are each logged once', async () => {
  const sockets = new Set<Socket>();
  const other = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).write('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const strange = connect(`redis://127.0.0.1:${port}`);
  await eventually(() => strange.lines.length > 0);
  expect(strange.lines[0]?.msg).toContain('does not speak the protocol of Redis');
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => other.close(resolve));
  const closed = connect(`redis://localhost:${port}/`);
  await eventually(() => closed.lines.length > 0);
  expect(closed.lines[0]?.msg).toContain('refuses connections');
  expect(strange.redis.healthy() || closed.redis.healthy()).toBe(false);
});

test('REDIS_URL is empty or an address of Redis', () => {
  for (const right of [undefined, '', 'redis://127.0.0.1:6379', 'rediss://user:secret@cache.example/2'])
    expect(redisUrl.safeParse(right).success).toBe(true);
  for (const wrong of ['127.0.0.1:6379', 'http://x', 'redis://', 'redis:// x'])
    expect(redisUrl.safeParse(wrong).error?.issues[0]?.message).toBe(
      'must be a redis:// or rediss:// address',
    );
});
