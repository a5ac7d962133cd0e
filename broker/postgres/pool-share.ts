import pLimit from 'p-limit';
import { AppError } from '../calls/errors.ts';
import type { Database, Transaction } from './database.ts';

/** Runs costly reads in one transaction, on the connections of the share. */
export type PoolShare = <T>(run: (tx: Transaction) => Promise<T>) => Promise<T>;

export type ShareOptions = {
  /** How many connections of the pool the share may use at a time. */
  connections: number;
  /** How many further reads may wait for one of them. */
  waitingMax: number;
  /** A read that has waited longer is refused instead of begun. */
  waitMs: number;
  /** The time limit of each statement. */
  statementMs: number;
  /** What callers receive when the share is taken, and when a statement exceeds its limit. */
  details: { busy: string; slow: string };
};

const QUERY_CANCELED = '57014';

const isOverTime = (error: unknown): boolean =>
  error instanceof AppError && (error.cause as { code?: string } | undefined)?.code === QUERY_CANCELED;

/**
 * A part of the pool for reads whose cost depends on what the caller asks, such as searches: however many
 * arrive, all other statements find connections, and one read occupies at most one core of the server.
 * @throws AppError `unavailable` from the share, with the time to wait, when it is taken or a statement
 *   exceeds its limit
 */
export const sharePool = (db: Database, options: ShareOptions): PoolShare => {
  const { connections, waitingMax, waitMs, statementMs, details } = options;
  const limit = pLimit(connections);
  // Compiling a statement takes longer than most of them.
  const settings = { statement_timeout: statementMs, max_parallel_workers_per_gather: 0, jit: 0 };
  const busy = () => new AppError('unavailable', { detail: details.busy });
  return async (run) => {
    if (limit.activeCount + limit.pendingCount >= connections + waitingMax) throw busy();
    const queuedAtMs = performance.now();
    return limit(async () => {
      if (performance.now() - queuedAtMs > waitMs) throw busy();
      try {
        return await db.transaction(run, settings);
      } catch (cause) {
        if (!isOverTime(cause)) throw cause;
        throw new AppError('unavailable', { retryAfterS: 5, detail: details.slow }, { cause });
      }
    });
  };
};

/** Together with the running ones below `CALLS_PREFETCH`, so that other calls are received meanwhile. */
const SEARCHES_WAITING_MAX = 32;

/** A wait and a statement together stay below the time limit of a call. */
export type SearchShareOptions = Pick<ShareOptions, 'waitMs' | 'statementMs'> & {
  poolSize: number;
  /** The part of the pool that searches may use, from 0 to 1. */
  share: number;
};

/** Where searches by text run: one whose letters are frequent and which finds nothing reads all rows. */
export const searchShare = (
  db: Database,
  { poolSize, share, waitMs, statementMs }: SearchShareOptions,
): PoolShare =>
  sharePool(db, {
    connections: Math.max(1, Math.floor(poolSize * share)),
    waitingMax: SEARCHES_WAITING_MAX,
    waitMs,
    statementMs,
    details: {
      busy: 'Too many searches are running. Try again in a moment.',
      slow: 'This search took too long. Search for a longer text, or choose fewer days.',
    },
  });
