import type { Client } from 'pg';

/** A standby server names no transaction in progress: its snapshot is cut where the first of them may be. */
const READ = `
  select case when plain like '%:' then concat(oldest, ':', oldest, ':') else plain end as snapshot
  from (
    select one::text as plain, pg_snapshot_xmin(one)::text as oldest from pg_current_snapshot() as one
  ) as now`;

/**
 * Begins to read what is there now.
 * @param tables are locked first, as reading them would do: TRUNCATE empties a table also for snapshots that
 *   are older
 * @returns PostgreSQL's snapshot, as text
 */
export const beginSnapshot = async (client: Client, tables: readonly string[] = []): Promise<string> => {
  await client.query('begin isolation level repeatable read read only');
  if (tables.length > 0) await client.query(`lock table ${tables.join(', ')} in access share mode`);
  const { rows } = await client.query<{ snapshot: string }>(READ);
  return rows[0]?.snapshot ?? '';
};

/**
 * The part of a snapshot in which no transaction was in progress. Rows have the numbers of savepoints, which
 * a snapshot does not list, so that those of its transactions in progress would seem to be visible.
 */
export const settledPart = (snapshot: string): string => {
  const [oldest] = snapshot.split(':');
  return `${oldest}:${oldest}:`;
};

/**
 * Whether this row's writer is visible in the snapshot `$1`; `$2` is a later snapshot. Numbers of writers
 * begin again after 2 ** 32, and the first ones are PostgreSQL's own.
 */
export const WRITTEN_BEFORE = `(
  xmin::text::bigint < 3 or pg_visible_in_snapshot((
    pg_snapshot_xmax($2::pg_snapshot)::text::bigint
    - mod(pg_snapshot_xmax($2::pg_snapshot)::text::bigint - xmin::text::bigint, 4294967296)
  )::text::xid8, $1::pg_snapshot))`;
