import pLimit, { type LimitFunction } from 'p-limit';
import { AppError } from '../../../broker/calls/errors.ts';

/** Runs `work` after earlier work with the same key, as far as the queue's concurrency requires. */
export type KeyedQueue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * A bounded queue per key, on `p-limit`. A key is held in memory only while it has work.
 * @param concurrency how much work with one key runs at the same time
 * @param waitingMax how much more work with that key may wait
 * @throws AppError `unavailable` from the queue when `waitingMax` is reached
 */
export const createKeyedQueue = (concurrency: number, waitingMax: number): KeyedQueue => {
  const queues = new Map<string, { limit: LimitFunction; size: number }>();
  return async (key, work) => {
    const queue = queues.get(key) ?? { limit: pLimit(concurrency), size: 0 };
    if (queue.size === concurrency + waitingMax) throw new AppError('unavailable', { retryAfterS: 1 });
    queues.set(key, queue);
    queue.size += 1;
    try {
      return await queue.limit(work);
    } finally {
      queue.size -= 1;
      if (queue.size === 0) queues.delete(key);
    }
  };
};
