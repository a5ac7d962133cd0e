import type { SourceConnection } from '../copy/source.ts';
import { inShortLocks } from '../follow/change-log.ts';
import { LOGGED } from '../follow/change-log-sql.ts';

const TABLES = Object.keys(LOGGED);

/** What clients of POC-2 read when they write. SQLSTATE 25006, read_only_sql_transaction. */
export const FENCED = 'POC-2 takes no more writes: its data has moved to Payloom';

/** Setting of the session that writes back: it may pass. */
export const PASS = "set payloom.back_out = 'on'";

/** Writers that are under way keep the lock from being taken, and commit before the fence is up. */
const LOCK = `lock table ${TABLES.join(', ')} in share row exclusive mode`;

const RAISE: readonly string[] = [
  LOCK,
  `create or replace function payloom_move.refuse_write() returns trigger language plpgsql as $$
    begin
      if current_setting('payloom.back_out', true) = 'on' then return null; end if;
      raise exception '${FENCED}' using errcode = '25006';
    end $$`,
  ...TABLES.flatMap((table) => [
    `create or replace trigger payloom_fence before insert or update or delete or truncate on ${table}
       for each statement execute function payloom_move.refuse_write()`,
    `alter table ${table} enable always trigger payloom_fence`,
  ]),
  'update payloom_move.state set fenced_at = coalesce(fenced_at, clock_timestamp())',
];

/** Statements of one transaction. */
export const LIFT: readonly string[] = [
  LOCK,
  ...TABLES.map((table) => `drop trigger if exists payloom_fence on ${table}`),
  'update payloom_move.state set fenced_at = null',
];

/**
 * From its commit on, each statement that writes fails with `FENCED`.
 * @throws UsageError when a transaction goes on writing
 */
export const raiseFence = (source: SourceConnection): Promise<void> => inShortLocks(source, RAISE);

/**
 * POC-2 takes writes again.
 * @throws UsageError as `raiseFence`
 */
export const liftFence = (source: SourceConnection): Promise<void> => inShortLocks(source, LIFT);
