import { createHash, randomUUID } from 'node:crypto';
import { safeParse } from 'zod/v4/core';
import type { Action } from '../../shared/contracts/contract.ts';
import { compiled } from '../calls/compiled-schema.ts';
import type { Redis } from './redis.ts';

/** Where answers are kept: Moleculer's cacher. */
export type CacheStore = {
  get(key: string): Promise<unknown>;
  set(key: string, data: unknown, lifetimeS?: number): Promise<unknown>;
};

/** `bypass`: asked while the store was away. */
export type CacheOutcome = 'hit' | 'miss' | 'bypass';

export type ActionCache = {
  /**
   * The kept answer to this call, or `run`'s, which is then kept; an action without `cache` in its contract
   * just runs. Belongs behind the checks of permission and params: whoever comes here may have the answer.
   */
  around<T>(action: Action, callerId: string | null, params: unknown, run: () => Promise<T>): Promise<T>;
  /**
   * Forgets what the event makes stale. To be called once the listener's transaction has committed; never
   * throws. What cannot be told to the store now is told before this process uses it again.
   */
  heard(event: string): Promise<void>;
};

export type ActionCacheOptions = {
  actions: readonly Action[];
  /** Names of the events that the service hears. */
  events: readonly string[];
  store: CacheStore;
  /** The Redis behind the store; null where it is this process's memory. */
  redis: Pick<Redis, 'healthy' | 'session'> | null;
  count?: (action: string, outcome: CacheOutcome) => void;
};

/** A kept answer and the generation of the action in which it was worked out. */
type Entry = { generation: string; result: unknown };

type Cached = {
  name: string;
  cache: NonNullable<Action['cache']>;
  resultSchema: ReturnType<typeof compiled>;
  /** How many clearings this process has been asked for, and how many of them the store knows of. */
  asked: number;
  told: number;
  /** The session of Redis in which it was told; a new one owes a clearing, as the very start does. */
  toldIn: number | null;
};

const ALWAYS_THERE = { healthy: () => true, session: () => 0 };

const cachedActions = ({ actions, events }: ActionCacheOptions): Map<string, Cached> => {
  const known = new Map<string, Cached>();
  for (const { name, cache, result } of actions) {
    if (!cache) continue;
    const unheard = cache.clearedBy.find((event) => !events.includes(event));
    if (unheard) throw new Error(`${name} is cleared by ${unheard}, which its service does not hear`);
    known.set(name, { name, cache, resultSchema: compiled(result), asked: 0, told: 0, toldIn: null });
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
 * Keeps answers of read actions as their contracts say. Each action has a generation, a random text that is
 * never used again; an answer counts only in the generation that held before it was worked out. An event that
 * makes answers stale begins a new generation, so that an answer worked out before the change can never be
 * taken for one after it, in whichever order the processes of a service hear, compute and store.
 *
 * While the store is away every call runs. When it is back each process begins a new generation before it
 * reads: events may have been missed meanwhile, and a Redis that was restored may hold an old one.
 * @throws Error when an action is cleared by an event that the service does not hear
 */
export const createActionCache = (options: ActionCacheOptions): ActionCache => {
  const { store, redis, count = () => undefined } = options;
  const { healthy, session } = redis ?? ALWAYS_THERE;
  const known = cachedActions(options);

  const clear = async (cached: Cached): Promise<string> => {
    const [asked, toldIn] = [cached.asked, session()];
    const generation = randomUUID();
    await store.set(generationKey(cached), generation);
    Object.assign(cached, { told: Math.max(cached.told, asked), toldIn });
    return generation;
  };
  const owes = (cached: Cached): boolean => cached.told < cached.asked || cached.toldIn !== session();

  const lookUp = async (cached: Cached, key: string): Promise<Entry | { generation: string } | null> => {
    if (!healthy()) return null;
    try {
      if (owes(cached)) return { generation: await clear(cached) };
      // Sent together: one round trip.
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
        // Parsed again: the store is no place to be believed, and an older version may have written this.
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
    heard: async (event) => {
      for (const cached of known.values()) {
        if (!cached.cache.clearedBy.includes(event)) continue;
        cached.asked += 1;
        if (healthy()) await clear(cached).catch(() => undefined);
      }
    },
  };
};
