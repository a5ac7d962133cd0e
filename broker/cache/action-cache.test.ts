import { ServiceBroker } from 'moleculer';
import { pino } from 'pino';
import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import { eventually } from '../testing/eventually.ts';
import { createActionCache, type ActionCache, type CacheOutcome } from './action-cache.ts';
import { cacherOf } from './cachers.ts';
import { openRedis, type Redis } from './redis.ts';
import { startRedis, type TestRedis } from './testing/start-redis.ts';

const EVENT = 'people.changed';
const read = { summary: 'x', permission: 'signed-in', errors: [], idempotent: 'read' } as const;
const people = contract('people', {
  actions: {
    search: {
      ...read,
      params: z.strictObject({ q: z.string(), page: z.optional(z.nullable(z.int())) }),
      result: z.object({ names: z.array(z.string()) }),
      cache: { keys: ['q', 'page'], lifetimeS: 60, clearedBy: [EVENT] },
    },
    mine: {
      ...read,
      params: z.strictObject({}),
      result: z.object({ names: z.array(z.string()) }),
      cache: { keys: ['caller'], lifetimeS: 1, clearedBy: [EVENT] },
    },
    plain: { ...read, params: z.strictObject({}), result: z.object({ names: z.array(z.string()) }) },
  },
  events: { changed: { summary: 'x', version: 1, payload: z.object({}) } },
});
const { search, mine, plain } = people.actions;
const log = pino({ level: 'silent' });

/** One process of the service. */
type Process = {
  cache: ActionCache;
  redis: Redis | null;
  outcomes: CacheOutcome[];
  find(q?: string, as?: string | null, page?: number | null): Promise<string>;
  stop(): Promise<void>;
};
let row = 'Ada';
let runs = 0;
const fromDatabase = async () => {
  runs += 1;
  return { names: [row] };
};
const running: Process[] = [];

/** Longer than the product's limit, which a busy machine may exceed. */
const COMMAND_LIMIT_MS = 1_000;

const startProcess = async (url: string | null): Promise<Process> => {
  const redis = url === null ? null : openRedis({ url, name: 'test', log, commandLimitMs: COMMAND_LIMIT_MS });
  const broker = new ServiceBroker({ logger: false, cacher: cacherOf(redis) });
  await broker.start();
  const outcomes: CacheOutcome[] = [];
  const cache = createActionCache({
    actions: Object.values(people.actions),
    events: [EVENT],
    store: broker.cacher as never,
    redis,
    count: (_action, outcome) => outcomes.push(outcome),
  });
  const process: Process = {
    cache,
    redis,
    outcomes,
    find: async (q = 'a', as = 'usr_1', page) =>
      (await cache.around(search, as, { q, page }, fromDatabase)).names.join(),
    stop: async () => {
      await broker.stop();
      redis?.close();
    },
  };
  running.push(process);
  if (redis) await eventually(() => redis.healthy());
  return process;
};

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
beforeEach(() => {
  row = 'Ada';
  runs = 0;
});
afterEach(async () => {
  for (const process of running.splice(0)) await process.stop();
});
afterAll(() => server.end());

/** Two processes on one Redis, each with its own connection, after their first invalidation. */
const twoProcesses = async (): Promise<[Process, Process]> => {
  const pair: [Process, Process] = [
    await startProcess(`${server.url}/0?p=a`),
    await startProcess(`${server.url}/0?p=b`),
  ];
  for (const { find } of pair) await find('warm');
  runs = 0;
  for (const { outcomes } of pair) outcomes.length = 0;
  return pair;
};

describe.each([
  ['memory', () => null],
  ['Redis', () => server.url],
])('in %s', (_name, urlOf) => {
  it('an answer is computed once per key, and again after an event has invalidated it', async () => {
    const { find, cache, outcomes } = await startProcess(urlOf());
    await find();
    expect([await find(), await find(), await find('b'), await find('b')]).toEqual(Array(4).fill('Ada'));
    expect(runs).toBe(2);
    expect(outcomes).toEqual(['miss', 'hit', 'hit', 'miss', 'hit']);
    row = 'Bob';
    expect(await find()).toBe('Ada');
    await cache.invalidate(EVENT);
    expect([await find(), await find('b'), await find()]).toEqual(['Bob', 'Bob', 'Bob']);
    expect(runs).toBe(4);
  });

  it('the key contains every named param, and the caller only where named', async () => {
    const { find, cache } = await startProcess(urlOf());
    const asks: [string, string | null, (number | null)?][] = [
      ['k', 'usr_1'],
      ['k', 'usr_2'],
      ['k', 'usr_1', null],
      ['k', 'usr_1', 1],
    ];
    for (const ask of asks) await find(...ask);
    expect(runs).toBe(3);
    const own = (as: string | null) => cache.around(mine, as, {}, fromDatabase);
    for (const as of ['usr_1', 'usr_2', null, 'usr_1']) await own(as);
    expect(runs).toBe(6);
  });

  it('an action without a cache rule is not cached, nor is a failure', async () => {
    const { cache, find } = await startProcess(urlOf());
    for (let index = 0; index < 3; index++) await cache.around(plain, null, {}, fromDatabase);
    expect(runs).toBe(3);
    const failing = cache.around(search, null, { q: 'fails' }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await find('fails')).toBe('Ada');
  });

  it('an answer expires after its lifetime', async () => {
    const { cache } = await startProcess(urlOf());
    const own = () => cache.around(mine, 'usr_9', {}, fromDatabase);
    await own();
    await own();
    expect(runs).toBe(1);
    await eventually(async () => {
      await own();
      return runs > 1;
    });
  });

  it('an answer computed before a change is never returned after it', async () => {
    const { find, cache } = await startProcess(urlOf());
    await find('warm');
    let finish: (() => void) | null = null;
    const slow = cache.around(search, null, { q: 'slow' }, async () => {
      const old = row;
      await new Promise<void>((resolve) => (finish = resolve));
      return { names: [old] };
    });
    const end = await eventually(() => finish as (() => void) | null);
    row = 'Bob';
    await cache.invalidate(EVENT);
    end();
    expect((await slow).names).toEqual(['Ada']);
    expect(await find('slow', null)).toBe('Bob');
  });

  it('an answer that one caller mutates is unchanged for the next', async () => {
    const { cache } = await startProcess(urlOf());
    const ask = () => cache.around(search, null, { q: 'mutable' }, fromDatabase);
    await ask();
    (await ask()).names.push('spoiled');
    expect((await ask()).names).toEqual(['Ada']);
  });
});

describe('processes that share a Redis', () => {
  it('share answers and invalidations', async () => {
    const [a, b] = await twoProcesses();
    expect(await a.find()).toBe('Ada');
    // The answer is stored in the background; replies come in the order of the commands.
    await a.redis?.client.ping();
    expect(await b.find()).toBe('Ada');
    expect(runs).toBe(1);
    row = 'Bob';
    await b.cache.invalidate(EVENT);
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
    row = 'Bob';
    await a.cache.invalidate(EVENT);
    expect([await a.find(), await b.find()]).toEqual(['Bob', 'Bob']);
    expect(a.outcomes.at(-1)).toBe('bypass');
    // It returns with all its contents, including the old answer and the old generation.
    await server.start();
    await eventually(() => b.redis?.healthy() === true);
    const kept = await b.redis?.client.keys('payloom-answer:*');
    expect(kept?.length).toBeGreaterThan(0);
    expect(await b.find()).toBe('Bob');
    await eventually(() => a.redis?.healthy() === true);
    expect(await a.find()).toBe('Bob');
    await b.find();
    await b.redis?.client.ping();
    expect([await a.find(), a.outcomes.at(-1)]).toEqual(['Bob', 'hit']);
  });

  it('wait once for a paused one, and apply the invalidations of that time', async () => {
    const [a, b] = await twoProcesses();
    await a.find();
    server.pause();
    try {
      row = 'Bob';
      await b.cache.invalidate(EVENT);
      expect(await b.find()).toBe('Bob');
      expect(await a.find()).toBe('Bob');
      // No further command waits for the paused store: every call runs at once.
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
    row = 'Bob';
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

test('an action cleared by an event without a subscriber is refused at the start', () => {
  const store = { get: async () => undefined, set: async () => undefined };
  const actions = Object.values(people.actions);
  expect(() => createActionCache({ actions, events: [], store, redis: null })).toThrow(
    'people.search is cleared by people.changed, to which its service does not subscribe',
  );
});

test('only a read action can be cached', () => {
  const kept = { keys: [], lifetimeS: 1, clearedBy: [] };
  const parts = { params: z.object({}), result: z.object({}), cache: kept };
  // @ts-expect-error a write is never answered from the cache
  contract('x', { actions: { write: { ...read, ...parts, idempotent: 'yes' } }, events: {} });
  contract('x', { actions: { look: { ...read, ...parts } }, events: {} });
});
