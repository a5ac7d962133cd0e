import type { Database } from '../../../broker/postgres/database.ts';
import { sharePool, type PoolShare } from '../../../broker/postgres/pool-share.ts';

const POOL_SHARE = 1 / 2;
const WAITING_MAX = 32;
/** With the time of a statement below the time limit of a call. */
const WAIT_MS = 2_000;
const STATEMENT_MS = 2_500;

/** Where reads of the audit log run. The cost of a search depends on its text. */
export const readShare = (db: Database, poolSize: number): PoolShare =>
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
