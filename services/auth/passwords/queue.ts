import pLimit from 'p-limit';
import { AppError } from '../../../broker/calls/errors.ts';

/** Runs work with limited concurrency. */
export type Queue = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A queue in front of `p-limit` with a bounded length.
 * @throws AppError `unavailable` when `waitingMax` pieces of work wait already
 */
export const makeQueue = (concurrency: number, waitingMax: number): Queue => {
  const limit = pLimit(concurrency);
  return async (work) => {
    if (limit.activeCount + limit.pendingCount >= concurrency + waitingMax)
      throw new AppError('unavailable', { retryAfterS: 1 });
    return limit(work);
  };
};
