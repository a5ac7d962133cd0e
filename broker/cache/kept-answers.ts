import { randomUUID } from 'node:crypto';
import type { CacheRule } from '../../shared/contracts/contract.ts';
import type { Redis } from './redis.ts';

/** The store: Moleculer's cacher. */
type CacheStore = {
  get(key: string): Promise<unknown>;
  set(key: string, data: unknown, lifetimeS?: number): Promise<unknown>;
};

/** Whether events arrive: the hub of this process. */
export type Events = {
  isOpen(): boolean;
  onOpen(callback: () => void): void;
};

export type StoreOptions = {
  store: CacheStore;
  /** The Redis behind the store; null for memory. */
  redis: Pick<Redis, 'healthy' | 'session'> | null;
  events: Events;
  /** How long a Redis that has returned is not read. */
  quietMs?: number;
};

/** A cached action, and which of its answers this process has to invalidate. */
export type Cached = {
  name: string;
  rule: CacheRule;
  /** Whether an event may invalidate the answers of single callers: their generations are kept apart. */
  isScoped: boolean;
  /** Invalidations of all answers requested in this process, and those that the store has. */
  asked: number;
  invalidated: number;
  /** The Redis session of the last invalidation of all; a new session starts with one. */
  session: number | null;
};

/** What a key has: a valid answer, or the generation in which an answer computed from now on is valid. */
export type Found = { generation: string; result?: unknown };

const ALWAYS_THERE = { healthy: () => true, session: () => 0 };
/**
 * The other processes reconnect at most 2 s apart (redis.ts), and one of them may still have to invalidate an
 * answer that it could not while Redis was away.
 */
const QUIET_MS = 3_000;
const RETRY_MS = 100;
/** Larger answers are not kept: the store's size is bounded by their number. */
const MAX_BYTES = 100_000;
/** The generation of a caller who has not asked for so long is replaced by a new one. */
const SCOPE_LIFETIME_S = 3_600;

const generationKey = ({ name }: Cached, scope: string | null): string =>
  scope === null ? `generation:${name}` : `generation:${name}:${scope}`;

const readEntry = (value: unknown): Found | null => {
  const { generation, result } = (value ?? {}) as Partial<Found>;
  return typeof generation === 'string' ? { generation, result } : null;
};

/** Whether the store can be trusted now. */
const createTrust = ({ redis, events, quietMs = QUIET_MS }: StoreOptions) => {
  const { healthy, session } = redis ?? ALWAYS_THERE;
  let seen = session();
  let quietUntilMs = 0;
  return {
    healthy,
    session,
    isUsable: (): boolean => {
      if (!healthy() || !events.isOpen()) return false;
      if (session() !== seen) {
        // The first session is the beginning of this process, not the end of an outage.
        if (seen > 0) quietUntilMs = performance.now() + quietMs;
        seen = session();
      }
      return performance.now() >= quietUntilMs;
    },
  };
};

const isLate = ({ invalidated, asked }: Cached): boolean => invalidated < asked;

/** Repeats the invalidations that the store could not take, until it can. */
const repeater = (
  known: ReadonlyMap<string, Cached>,
  healthy: () => boolean,
  clearAll: (cached: Cached) => Promise<unknown>,
): (() => void) => {
  let retry: NodeJS.Timeout | null = null;
  const retryLater = (): void => {
    retry ??= setTimeout(async () => {
      retry = null;
      const late = [...known.values()].filter(isLate);
      if (healthy()) await Promise.all(late.map((cached) => clearAll(cached).catch(() => undefined)));
      if (late.some(isLate)) retryLater();
    }, RETRY_MS).unref();
  };
  return retryLater;
};

/**
 * Answers in a store that may be lost, late, or older than it seems. Each action has a generation, a random
 * text that is never reused; where single callers are invalidated, so has each scope of callers. An answer
 * is valid only in the generations in which its computation began.
 */
export const keptAnswers = (options: StoreOptions, known: ReadonlyMap<string, Cached>) => {
  const { store, events } = options;
  const trust = createTrust(options);

  const begin = async (cached: Cached, scope: string | null): Promise<string> => {
    const generation = randomUUID();
    await store.set(generationKey(cached, scope), generation, scope === null ? undefined : SCOPE_LIFETIME_S);
    return generation;
  };
  const clearAll = async (cached: Cached): Promise<string> => {
    const [asked, session] = [cached.asked, trust.session()];
    const generation = await begin(cached, null);
    Object.assign(cached, { invalidated: Math.max(cached.invalidated, asked), session });
    return generation;
  };
  const retryLater = repeater(known, trust.healthy, clearAll);
  const askAll = async (cached: Cached): Promise<void> => {
    cached.asked += 1;
    if (trust.healthy()) await clearAll(cached).catch(() => undefined);
    if (isLate(cached)) retryLater();
  };

  // Events of the time without a connection may have been handled nowhere yet.
  events.onOpen(() => {
    for (const cached of known.values()) cached.asked += 1;
  });

  return {
    /** What the store has for a key; null while it cannot be used. */
    read: async (cached: Cached, key: string, scope: string | null): Promise<Found | null> => {
      if (!trust.isUsable()) return null;
      try {
        if (isLate(cached) || cached.session !== trust.session()) await clearAll(cached);
        // Sent together, in one round trip.
        const asked = [store.get(generationKey(cached, null)), store.get(key)] as const;
        const ofScope = scope === null ? '' : store.get(generationKey(cached, scope));
        const [found, value, scoped] = await Promise.all([...asked, ofScope]);
        const ofAll = typeof found === 'string' ? found : await clearAll(cached);
        const generation = `${ofAll} ${typeof scoped === 'string' ? scoped : await begin(cached, scope)}`;
        const entry = readEntry(value);
        return entry?.generation === generation ? entry : { generation };
      } catch {
        return null;
      }
    },
    /** Keeps an answer, in the background; false when it is too large. */
    write: (cached: Cached, key: string, entry: Required<Found>): boolean => {
      if (Buffer.byteLength(JSON.stringify(entry)) > MAX_BYTES) return false;
      if (trust.healthy()) store.set(key, entry, cached.rule.lifetimeS).catch(() => undefined);
      return true;
    },
    /** Makes all answers of an action invalid, or those of some scopes. */
    clear: async (cached: Cached, scopes: ReadonlySet<string> | null): Promise<void> => {
      if (scopes === null) return askAll(cached);
      if (scopes.size === 0) return;
      try {
        if (!trust.healthy()) throw new Error('the store is away');
        await Promise.all([...scopes].map((scope) => begin(cached, scope)));
      } catch {
        await askAll(cached);
      }
    },
  };
};
