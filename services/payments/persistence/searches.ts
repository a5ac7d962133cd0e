import type { Database } from '../../../broker/postgres/database.ts';
import { sharePool, type PoolShare } from '../../../broker/postgres/pool-share.ts';

/** The share of the pool that searches may use. */
const POOL_SHARE = 1 / 3;
/** Together with the running ones below `CALLS_PREFETCH`, so that other calls are received meanwhile. */
const WAITING_MAX = 32;
/** With the time of a statement below the time limit of a call. */
const WAIT_MS = 2_500;
const STATEMENT_MS = 2_000;

/**
 * Where searches by text run. Their cost depends on the text: one whose letters are frequent and which occurs
 * nowhere makes PostgreSQL read all payments of the caller.
 */
export const searchShare = (db: Database, poolSize: number): PoolShare =>
  sharePool(db, {
    connections: Math.max(1, Math.floor(poolSize * POOL_SHARE)),
    waitingMax: WAITING_MAX,
    waitMs: WAIT_MS,
    statementMs: STATEMENT_MS,
    details: {
      busy: 'Too many searches are running. Try again in a moment.',
      slow: 'This search took too long. Search for a longer text, or choose fewer days.',
    },
  });
