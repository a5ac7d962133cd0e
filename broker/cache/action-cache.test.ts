import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import type { UserId } from '../../shared/contracts/ids.ts';
import type { Role } from '../../shared/contracts/roles.ts';
import { eventually } from '../testing/eventually.ts';
import { createActionCache } from './action-cache.ts';
import {
  callerOf,
  EVENT,
  fromDatabase,
  PAID,
  people,
  startProcess,
  stopProcesses,
  table,
} from './testing/people.ts';
import { startRedis, type TestRedis } from './testing/start-redis.ts';

const read = { summary: 'x', permission: 'signed-in', errors: [], idempotent: 'read' } as const;
const { search, mine, balance, plain } = people.actions;
let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterEach(stopProcesses);
afterAll(() => server.end());

describe.each([
  ['memory', () => null],
  ['Redis', () => server.url],
])('in %s', (_name, urlOf) => {
  it('an answer is computed once per key, and again after an event has invalidated it', async () => {
    const { find, cache, outcomes } = await startProcess(urlOf());
    await find();
    expect([await find(), await find(), await find('b'), await find('b')]).toEqual(Array(4).fill('Ada'));
    expect(table.runs).toBe(2);
    expect(outcomes).toEqual(['miss', 'hit', 'hit', 'miss', 'hit']);
    table.row = 'Bob';
    expect(await find()).toBe('Ada');
    await cache.invalidate([{ event: EVENT }]);
    expect([await find(), await find('b'), await find()]).toEqual(['Bob', 'Bob', 'Bob']);
    expect(table.runs).toBe(4);
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
    expect(table.runs).toBe(3);
    const own = (as: string | null) => cache.around(mine, callerOf(as), {}, fromDatabase);
    for (const as of ['usr_1', 'usr_2', null, 'usr_1']) await own(as);
    expect(table.runs).toBe(6);
  });

  it('an event about some callers leaves the answers of others valid, not of administrators', async () => {
    const { cache } = await startProcess(urlOf());
    const own = (userId: string, role: Role = 'CUSTOMER') =>
      cache.around(balance, { userId: userId as UserId, role }, {}, fromDatabase);
    const all = async () => [await own('usr_1'), await own('usr_2'), await own('usr_3', 'ADMIN')];
    await all();
    table.row = 'Bob';
    await cache.invalidate([{ event: PAID, payload: '{"to":"usr_1"}' }]);
    expect((await all()).flatMap(({ names }) => names)).toEqual(['Bob', 'Ada', 'Bob']);
    // Without the field, and without a payload, it is about everybody.
    for (const happened of [{ event: PAID, payload: '{}' }, { event: PAID }]) {
      table.row += '!';
      await cache.invalidate([happened]);
      expect((await all()).flatMap(({ names }) => names)).toEqual(Array(3).fill(table.row));
    }
  });

  it('an action without a cache rule is not cached, nor is a failure', async () => {
    const { cache, find } = await startProcess(urlOf());
    for (let index = 0; index < 3; index++) await cache.around(plain, null, {}, fromDatabase);
    expect(table.runs).toBe(3);
    const failing = cache.around(search, null, { q: 'fails' }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await find('fails')).toBe('Ada');
  });

  it('an answer expires after its lifetime', async () => {
    const { cache } = await startProcess(urlOf());
    const own = () => cache.around(mine, callerOf('usr_9'), {}, fromDatabase);
    await own();
    await own();
    expect(table.runs).toBe(1);
    await eventually(async () => {
      await own();
      return table.runs > 1;
    });
  });

  it('an answer computed before a change is never returned after it', async () => {
    const { find, cache } = await startProcess(urlOf());
    await find('warm');
    let finish: (() => void) | null = null;
    const slow = cache.around(search, null, { q: 'slow' }, async () => {
      const old = table.row;
      await new Promise<void>((resolve) => (finish = resolve));
      return { names: [old] };
    });
    const end = await eventually(() => finish as (() => void) | null);
    table.row = 'Bob';
    await cache.invalidate([{ event: EVENT }]);
    end();
    expect((await slow).names).toEqual(['Ada']);
    expect(await find('slow', null)).toBe('Bob');
  });

  it('an answer of more than 100 kB is not kept', async () => {
    const { cache, outcomes } = await startProcess(urlOf());
    const ask = (length: number) =>
      cache.around(search, null, { q: String(length) }, async () => ({ names: ['x'.repeat(length)] }));
    for (const length of [100_000, 100_000, 90_000, 90_000]) {
      expect((await ask(length)).names[0]).toHaveLength(length);
    }
    expect(outcomes).toEqual(['bypass', 'bypass', 'miss', 'hit']);
  });

  it('without events, those who come during a computation share the next one', async () => {
    const { cache, connect, outcomes } = await startProcess(urlOf());
    connect(false);
    const ends: (() => void)[] = [];
    const ask = () =>
      cache.around(search, null, { q: 'shared' }, async () => {
        const { names } = await fromDatabase();
        await new Promise<void>((resolve) => ends.push(resolve));
        return { names };
      });
    const first = ask();
    await eventually(() => ends.length === 1);
    table.row = 'Bob';
    const others = [ask(), ask(), ask()];
    await new Promise(setImmediate);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await eventually(() => ends.length === 2);
    ends[1]?.();
    expect((await first).names).toEqual(['Ada']);
    expect((await Promise.all(others)).map(({ names }) => names.join())).toEqual(['Bob', 'Bob', 'Bob']);
    expect([table.runs, outcomes.toSorted()]).toEqual([2, ['bypass', 'bypass', 'shared', 'shared']]);
  });

  it('an answer that one caller mutates is unchanged for the next', async () => {
    const { cache } = await startProcess(urlOf());
    const ask = () => cache.around(search, null, { q: 'mutable' }, fromDatabase);
    await ask();
    (await ask()).names.push('spoiled');
    expect((await ask()).names).toEqual(['Ada']);
  });
});

test('an action cleared by an event that its service does not see is refused at the start', () => {
  const store = { get: async () => undefined, set: async () => undefined };
  const events = { isOpen: () => true, onOpen: () => undefined };
  const actions = Object.values(people.actions);
  const open = () => createActionCache({ actions, eventNames: [], store, redis: null, locks: null, events });
  expect(open).toThrow(
    'people.search is cleared by people.changed, which its service neither publishes nor handles',
  );
});

test('only a read action can be cached', () => {
  const kept = { keys: [], lifetimeS: 1, clearedBy: [] };
  const parts = { params: z.object({}), result: z.object({}), cache: kept };
  // @ts-expect-error a write is never answered from the cache
  contract('x', { actions: { write: { ...read, ...parts, idempotent: 'yes' } }, events: {} });
  contract('x', { actions: { look: { ...read, ...parts } }, events: {} });
});
