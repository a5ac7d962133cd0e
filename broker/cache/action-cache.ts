import { createHash, randomUUID } from 'node:crypto';
import { safeParse } from 'zod/v4/core';
import type { Action } from '../../shared/contracts/contract.ts';
import { compiled } from '../calls/compiled-schema.ts';
import type { Redis } from './redis.ts';

/** The store: Moleculer's cacher. */
type CacheStore = {
  get(key: string): Promise<unknown>;
  set(key: string, data: unknown, lifetimeS?: number): Promise<unknown>;
};

/** `bypass`: called while the store was unavailable. */
export type CacheOutcome = 'hit' | 'miss' | 'bypass';

export type ActionCache = {
  /**
   * Returns the cached answer, or `run`'s, which is then cached; an action without `cache` in its contract
   * just runs. Must be called after permission and params were checked.
   */
  around<T>(action: Action, callerId: string | null, params: unknown, run: () => Promise<T>): Promise<T>;
  /**
   * Invalidates the answers that the event makes stale. Call it after the subscriber's commit; never throws.
   * An invalidation that the store cannot take now is repeated before this process uses the store again.
   */
  invalidate(event: string): Promise<void>;
};

export type ActionCacheOptions = {
  actions: readonly Action[];
  /** Names of the events that the service subscribes to. */
  events: readonly string[];
  store: CacheStore;
  /** The Redis behind the store; null for memory. */
  redis: Pick<Redis, 'healthy' | 'session'> | null;
  count?: (action: string, outcome: CacheOutcome) => void;
};

/** A cached answer and the generation in which it was computed. */
type Entry = { generation: string; result: unknown };

type Cached = {
  name: string;
  cache: NonNullable<Action['cache']>;
  resultSchema: ReturnType<typeof compiled>;
  /** Invalidations requested in this process, and those that the store has. */
  asked: number;
  invalidated: number;
  /** The Redis session of the last invalidation; a new session starts with one. */
  session: number | null;
};

const ALWAYS_THERE = { healthy: () => true, session: () => 0 };

const cachedActions = ({ actions, events }: ActionCacheOptions): Map<string, Cached> => {
  const known = new Map<string, Cached>();
  for (const { name, cache, result } of actions) {
    if (!cache) continue;
    const unsubscribed = cache.clearedBy.find((event) => !events.includes(event));
    if (unsubscribed)
      throw new Error(`${name} is cleared by ${unsubscribed}, to which its service does not subscribe`);
    known.set(name, { name, cache, resultSchema: compiled(result), asked: 0, invalidated: 0, session: null });
  }
  return known;
};

const generationKey = ({ name }: Cached): string => `generation:${name}`;

const entryKey = ({ name, cache }: Cached, callerId: string | null, params: unknown): string => {
  const given = (params ?? {}) as Record<string, unknown>;
  const named = cache.keys.filter((key) => key !== 'caller').map((key) => [key, given[key]]);
  const parts = [cache.keys.includes('caller') ? callerId : null, Object.fromEntries(named)];
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
  return `answer:${name}:${hash}`;
};

const readEntry = (value: unknown): Entry | null => {
  const { generation, result } = (value ?? {}) as Partial<Entry>;
  return typeof generation === 'string' ? { generation, result } : null;
};

/**
 * Caches answers of read actions as their contracts allow. Each action has a generation, a random text that
 * is never reused; an answer is valid only in the generation in which its computation began. An event that
 * makes answers stale starts a new generation, so an answer computed before a change can never be taken for a
 * later one, in whatever order the processes handle events, compute and store.
 * While the store is unavailable every call runs. When it returns, each process starts a new generation
 * before it reads: events may have been missed, and a restored Redis may hold an old one.
 * @throws Error when an action is cleared by an event that the service does not subscribe to
 */
export const createActionCache = (options: ActionCacheOptions): ActionCache => {
  const { store, redis, count = () => undefined } = options;
  const { healthy, session } = redis ?? ALWAYS_THERE;
  const known = cachedActions(options);

  const clear = async (cached: Cached): Promise<string> => {
    const [asked, inSession] = [cached.asked, session()];
    const generation = randomUUID();
    await store.set(generationKey(cached), generation);
    Object.assign(cached, { invalidated: Math.max(cached.invalidated, asked), session: inSession });
    return generation;
  };
  const owes = (cached: Cached): boolean => cached.invalidated < cached.asked || cached.session !== session();

  const lookUp = async (cached: Cached, key: string): Promise<Entry | { generation: string } | null> => {
    if (!healthy()) return null;
    try {
      if (owes(cached)) return { generation: await clear(cached) };
      // Sent together, in one round trip.
      const [generation, value] = await Promise.all([store.get(generationKey(cached)), store.get(key)]);
      if (typeof generation !== 'string') return { generation: await clear(cached) };
      const entry = readEntry(value);
      return entry?.generation === generation ? entry : { generation };
    } catch {
      return null;
    }
  };

  return {
    around: async <T>(action: Action, callerId: string | null, params: unknown, run: () => Promise<T>) => {
      const cached = known.get(action.name);
      if (!cached) return run();
      const key = entryKey(cached, callerId, params);
      const found = await lookUp(cached, key);
      if (found && 'result' in found) {
        // Parsed again: the store is not trusted, and an older version may have written the entry.
        const parsed = safeParse(cached.resultSchema, found.result);
        if (parsed.success) {
          count(cached.name, 'hit');
          return parsed.data as T;
        }
      }
      count(cached.name, found ? 'miss' : 'bypass');
      const result = await run();
      if (found && healthy()) {
        const entry: Entry = { generation: found.generation, result };
        store.set(key, entry, cached.cache.lifetimeS).catch(() => undefined);
      }
      return result;
    },
    invalidate: async (event) => {
      for (const cached of known.values()) {
        if (!cached.cache.clearedBy.includes(event)) continue;
        cached.asked += 1;
        if (healthy()) await clear(cached).catch(() => undefined);
      }
    },
  };
};
