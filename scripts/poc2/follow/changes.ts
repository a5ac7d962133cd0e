import type { Client } from 'pg';

/** A row of the source that changed, once for all of its changes. */
export type Change = {
  table: string;
  /** Its key; ALL_ROWS for all rows of the table. */
  id: string;
  /** The row that it belongs to: a transaction's payment, a profile's user. */
  parentId: string | null;
  /** Whether the mapping of other rows may depend on what has changed. */
  isWide: boolean;
  /** Whether it was there before its first change. */
  isOld: boolean;
};

export type Changes = {
  rows: Change[];
  /** How many rows of the log these are. */
  count: number;
  /** How long ago the first of them was made. */
  oldestAgeMs: number;
  /** The clock of the source. */
  nowMs: number;
};

/** The first transaction that one of the snapshots `$1` may not see. */
const FIRST = `(
  select pg_snapshot_xmin(one::pg_snapshot) from unnest($1::text[]) as one order by 1 limit 1)`;

/** Rows of the log that the reader sees and one of the given snapshots does not. */
const NEW = `from payloom_move.changes
  where xid >= ${FIRST} and exists (
    select from unnest($1::text[]) one where not pg_visible_in_snapshot(xid, one::pg_snapshot))`;

/**
 * What has changed since the first of some snapshots: all transactions that have committed since, in whatever
 * order.
 * @param client in a transaction that sees one snapshot
 */
export const readChanges = async (client: Client, since: readonly string[]): Promise<Changes> => {
  const { rows } = await client.query<Change & { count: string; age: string }>(
    `select table_name as table, row_id as id, parent_id as "parentId", bool_or(is_wide) as "isWide",
       (array_agg(operation order by seq))[1] <> 'INSERT' as "isOld",
       count(*) as count, extract(epoch from clock_timestamp() - min(at)) * 1000 as age
     ${NEW} group by 1, 2, 3`,
    [since],
  );
  const { rows: clock } = await client.query<{ now: string }>(
    'select extract(epoch from clock_timestamp()) * 1000 as now',
  );
  return {
    nowMs: Math.floor(Number(clock[0]?.now)),
    rows: rows.map(({ table, id, parentId, isWide, isOld }) => ({ table, id, parentId, isWide, isOld })),
    count: rows.reduce((sum, { count }) => sum + Number(count), 0),
    oldestAgeMs: rows.reduce((oldest, { age }) => Math.max(oldest, Number(age)), 0),
  };
};

const DELETED_AT_ONCE = 10_000;

/**
 * Deletes what all of some snapshots see, so that the log stays small, and records up to where.
 * @returns how many rows of the log
 */
export const deleteSeen = async (client: Client, snapshots: readonly string[]): Promise<number> => {
  const { rows } = await client.query<{ count: string }>(
    `with gone as (
       delete from payloom_move.changes where seq = any(array(
         select seq from payloom_move.changes where xid < ${FIRST}
         order by xid limit ${DELETED_AT_ONCE}))
       returning xid
     ), last as (
       select xid from gone order by xid desc limit 1
     ), noted as (
       update payloom_move.state set deleted_xid = greatest(deleted_xid, last.xid) from last
     )
     select count(*) as count from gone`,
    [snapshots],
  );
  return Number(rows[0]?.count ?? 0);
};
