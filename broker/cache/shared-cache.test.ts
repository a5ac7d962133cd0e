import { eventually } from '../testing/eventually.ts';
import { EVENT, startProcess, stopProcesses, table, type Process } from './testing/people.ts';
import { startRedis, type TestRedis } from './testing/start-redis.ts';

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterEach(stopProcesses);
afterAll(() => server.end());

/** Two processes on one Redis, each with its own connection, after their first invalidation. */
const twoProcesses = async (): Promise<[Process, Process]> => {
  const pair: [Process, Process] = [
    await startProcess(`${server.url}/0?p=a`),
    await startProcess(`${server.url}/0?p=b`),
  ];
  for (const { find } of pair) await find('warm');
  table.runs = 0;
  for (const { outcomes } of pair) outcomes.length = 0;
  return pair;
};

describe('processes that share a Redis', () => {
  it('share answers and invalidations', async () => {
    const [a, b] = await twoProcesses();
    expect(await a.find()).toBe('Ada');
    // The answer is stored in the background; replies come in the order of the commands.
    await a.redis?.client.ping();
    expect(await b.find()).toBe('Ada');
    expect(table.runs).toBe(1);
    table.row = 'Bob';
    await b.cache.invalidate([{ event: EVENT }]);
    expect(await a.find()).toBe('Bob');
    await a.redis?.client.ping();
    expect(await b.find()).toBe('Bob');
    expect([a.outcomes, b.outcomes]).toEqual([
      ['miss', 'miss'],
      ['hit', 'hit'],
    ]);
  });

  it('run the handler while it is down, and use nothing that it held before', async () => {
    const [a, b] = await twoProcesses();
    await Promise.all([a.find(), b.find()]);
    await a.redis?.client.save();
    await server.kill();
    await eventually(() => !a.redis?.healthy() && !b.redis?.healthy());
    table.row = 'Bob';
    await a.cache.invalidate([{ event: EVENT }]);
    expect([await a.find(), await b.find()]).toEqual(['Bob', 'Bob']);
    expect(a.outcomes.at(-1)).toBe('bypass');
    // It returns with all its contents, including the old answer and the old generation.
    await server.start();
    await eventually(() => b.redis?.healthy() === true);
    const kept = await b.redis?.client.keys('payloom-answer:*');
    expect(kept?.length).toBeGreaterThan(0);
    expect(await b.find()).toBe('Bob');
    await eventually(() => a.redis?.healthy() === true);
    await eventually(async () => {
      expect(await a.find()).toBe('Bob');
      await a.redis?.client.ping();
      return a.outcomes.at(-1) === 'hit';
    });
  });

  it('compute one answer at a time, also when the one that computes it has died', async () => {
    const [a, b] = await twoProcesses();
    const answers = await Promise.all([a.find(), b.find(), a.find(), b.find(), a.find()]);
    expect([answers, table.runs]).toEqual([Array(5).fill('Ada'), 1]);
    expect([...a.outcomes, ...b.outcomes].sort()).toEqual(['miss', ...Array(4).fill('shared')]);
    // A lock that nobody releases: its holder was killed.
    await a.cache.invalidate([{ event: EVENT }]);
    const client = a.redis?.client;
    const generation = await client?.get('payloom-generation:people.search');
    const keys = (await client?.keys('payloom-answer:*')) ?? [];
    const locks = keys.map(
      (key) => `payloom-lock:${key.replace('payloom-', '')}:${JSON.parse(String(generation))} `,
    );
    for (const lock of locks) await client?.set(lock, '1', 'PX', 500);
    table.row = 'Bob';
    expect(await b.find()).toBe('Bob');
    // It has waited for their end.
    expect(await client?.exists(...locks)).toBe(0);
  });

  it('use no answer while no events arrive, and none from before', async () => {
    const [a, b] = await twoProcesses();
    await b.find();
    b.connect(false);
    table.row = 'Bob';
    expect([await b.find(), b.outcomes.at(-1)]).toEqual(['Bob', 'bypass']);
    expect(await a.find()).toBe('Ada');
    b.connect(true);
    expect([await b.find(), b.outcomes.at(-1)]).toEqual(['Bob', 'miss']);
    await b.redis?.client.ping();
    expect(await a.find()).toBe('Bob');
  });

  it('wait once for a paused one, and apply the invalidations of that time', async () => {
    const [a, b] = await twoProcesses();
    await a.find();
    server.pause();
    try {
      table.row = 'Bob';
      await b.cache.invalidate([{ event: EVENT }]);
      expect(await b.find()).toBe('Bob');
      expect(await a.find()).toBe('Bob');
      // No further command waits for the paused store: every call table.runs at once.
      a.outcomes.length = 0;
      for (let index = 0; index < 100; index++) await a.find(`q${index}`);
      expect(new Set(a.outcomes)).toEqual(new Set(['bypass']));
    } finally {
      server.resume();
    }
    await eventually(() => a.redis?.healthy() === true && b.redis?.healthy() === true);
    expect([await a.find(), await b.find(), await a.find()]).toEqual(['Bob', 'Bob', 'Bob']);
  });

  it('recompute after a flush, and for entries that they did not write', async () => {
    const [a, b] = await twoProcesses();
    const client = a.redis?.client;
    await a.find();
    await client?.flushall();
    table.row = 'Bob';
    expect(await b.find()).toBe('Bob');
    await b.redis?.client.ping();
    expect([await a.find(), a.outcomes.at(-1)]).toEqual(['Bob', 'hit']);
    const generation = await client?.get('payloom-generation:people.search');
    for (const strange of [
      'no json',
      '[]',
      'null',
      `{"generation":${generation},"result":{"names":[7]}}`,
      `{"generation":${generation}}`,
    ]) {
      for (const key of (await client?.keys('payloom-answer:*')) ?? []) await client?.set(key, strange);
      expect(await b.find()).toBe('Bob');
    }
    await client?.del('payloom-generation:people.search');
    await client?.lpush('payloom-generation:people.search', 'a list');
    expect(await b.find()).toBe('Bob');
  });
});
