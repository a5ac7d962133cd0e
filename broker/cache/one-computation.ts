import type { Redis } from './redis.ts';

/**
 * Locks of one key among processes, by which one of them computes while the others wait. A lock ends by
 * itself: its holder may have died. It only saves work: two holders at once do no harm.
 */
export type ComputationLocks = {
  /** Whether this process has it now. @throws when Redis does not answer */
  take(key: string): Promise<boolean>;
  release(key: string): void;
};

const LOCK_MS = 1_000;
const LOOK_EVERY_MS = 20;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Locks in the Redis that the answers are kept in. */
export const redisLocks = ({ client }: Pick<Redis, 'client'>): ComputationLocks => ({
  take: async (key) => (await client.set(`payloom-lock:${key}`, '1', 'PX', LOCK_MS, 'NX')) === 'OK',
  release: (key) => void client.del(`payloom-lock:${key}`).catch(() => undefined),
});

/** How a computation ended for one of those that wanted it. */
export type Computed<T> = { value: T; isOwn: boolean };

type Task<T> = {
  /** Equal for computations whose results are the same. */
  key: string;
  /** The result of another process, once it is there; null until then. */
  look: () => Promise<T | null>;
  run: () => Promise<T>;
};

type Own = { done: Promise<unknown>; isShared: boolean };

/**
 * Computes values of a key one after another, without anything that says whether one is still valid: a call
 * gets none whose computation began before it. Those who come during one wait for the next, together.
 */
export const oneAfterAnother = () => {
  const running = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Own>();

  const begin = <T>(key: string, run: () => Promise<T>): Promise<T> => {
    waiting.delete(key);
    const value = run();
    const ended = value
      .catch(() => undefined)
      .then(() => {
        if (running.get(key) === ended) running.delete(key);
      });
    running.set(key, ended);
    return value;
  };

  return async <T>(key: string, run: () => Promise<T>): Promise<Computed<T>> => {
    const other = waiting.get(key);
    if (other) {
      other.isShared = true;
      const shared = await (other.done as Promise<T>).then((value) => ({ value })).catch(() => null);
      if (shared) return { value: structuredClone(shared.value), isOwn: false };
      return { value: await run(), isOwn: true };
    }
    const before = running.get(key);
    if (!before) return { value: await begin(key, run), isOwn: true };
    const done = before.then(() => begin(key, run));
    const own: Own = { done, isShared: false };
    waiting.set(key, own);
    const value = await done;
    return { value: own.isShared ? structuredClone(value) : value, isOwn: true };
  };
};

/**
 * Computes one value of a key at a time: those who want it meanwhile get a copy, also in other processes. One
 * whose colleague fails, or takes longer than a lock lasts, computes it itself.
 * @param locks null where all who want a value are in this process
 */
export const oneComputation = (locks: ComputationLocks | null) => {
  const running = new Map<string, { done: Promise<Computed<unknown>>; isShared: boolean }>();

  /** The value that another process has computed; null when this one has to. */
  const waitForOthers = async <T>({ key, look }: Task<T>): Promise<T | null> => {
    if (!locks) return null;
    const untilMs = performance.now() + LOCK_MS;
    try {
      while (performance.now() < untilMs) {
        if (await locks.take(key)) return null;
        await sleep(LOOK_EVERY_MS);
        const found = await look();
        if (found !== null) return found;
      }
    } catch {
      // Without locks this process computes.
    }
    return null;
  };

  const compute = async <T>(task: Task<T>): Promise<Computed<T>> => {
    const found = await waitForOthers(task);
    if (found !== null) return { value: found, isOwn: false };
    try {
      return { value: await task.run(), isOwn: true };
    } finally {
      locks?.release(task.key);
    }
  };

  return async <T>(task: Task<T>): Promise<Computed<T>> => {
    const other = running.get(task.key);
    if (other) {
      other.isShared = true;
      const shared = await (other.done as Promise<Computed<T>>).catch(() => null);
      if (shared) return { value: structuredClone(shared.value), isOwn: false };
      return { value: await task.run(), isOwn: true };
    }
    const own = { done: compute(task), isShared: false };
    running.set(task.key, own);
    try {
      const { value, isOwn } = await own.done;
      // What this caller does to its value must not reach the others.
      return { value: own.isShared ? structuredClone(value) : value, isOwn };
    } finally {
      running.delete(task.key);
    }
  };
};
