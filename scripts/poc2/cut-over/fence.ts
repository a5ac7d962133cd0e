import type { SourceConnection } from '../copy/source.ts';
import { inShortLocks } from '../follow/change-log.ts';
import { LOGGED } from '../follow/change-log-sql.ts';

const TABLES = Object.keys(LOGGED);

/** Writers that are under way keep the lock from being taken, and commit before the fence is up. */
const LOCK = `lock table ${TABLES.join(', ')} in share row exclusive mode`;

const RAISE: readonly string[] = [
  LOCK,
  ...TABLES.map((table) => `alter table ${table} enable always trigger payloom_fence`),
  `update payloom_move.state set fenced_at = coalesce(fenced_at, clock_timestamp()),
     opened_at = null, backed_out_at = null`,
];

/** Statements of one transaction. */
export const LIFT: readonly string[] = [
  LOCK,
  ...TABLES.map((table) => `alter table ${table} disable trigger payloom_fence`),
  'update payloom_move.state set fenced_at = null',
];

/** Fails where Payloom may have taken writes; where not, it cannot be opened meanwhile. */
const IS_CLOSED = `do $$ begin
  perform from payloom_move.state where opened_at is null for update;
  if not found then raise exception 'Payloom was opened'; end if;
end $$`;

/**
 * From its commit on, each statement that writes fails with `FENCED`.
 * @throws UsageError when a transaction goes on writing
 */
export const raiseFence = (source: SourceConnection): Promise<void> => inShortLocks(source, RAISE);

/**
 * POC-2 takes writes again.
 * @throws UsageError as `raiseFence`
 * @throws Error when Payloom may have taken writes
 */
export const liftFence = (source: SourceConnection): Promise<void> =>
  inShortLocks(source, [IS_CLOSED, ...LIFT]);
