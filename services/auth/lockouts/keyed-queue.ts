import { makeQueue, type Queue } from '../passwords/queue.ts';

/** Runs work with the same key with limited concurrency. */
export type KeyedQueue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** A queue per key; it exists while it has work. Throws as `makeQueue` does when a key's queue is full. */
export const makeKeyedQueue = (concurrency: number, waitingMax: number): KeyedQueue => {
  const queues = new Map<string, { run: Queue; size: number }>();
  return async (key, work) => {
    const queue = queues.get(key) ?? { run: makeQueue(concurrency, waitingMax), size: 0 };
    queues.set(key, queue);
    queue.size += 1;
    try {
      return await queue.run(work);
    } finally {
      queue.size -= 1;
      if (queue.size === 0) queues.delete(key);
    }
  };
};
