import type { Client } from 'pg';

/**
 * The snapshot of the transaction in progress, and numbers of transactions that hold something now. Those of
 * savepoints are among them: a snapshot itself lists whole transactions only.
 */
const READ = `
  with now as (
    select snapshot, pg_snapshot_xmin(snapshot)::text::bigint as oldest,
      pg_snapshot_xmax(snapshot)::text::bigint as next
    from (select pg_current_snapshot() as snapshot) as one
  ), running as (
    -- In the epoch of the snapshot.
    select next - mod(next - transactionid::text::bigint + 4294967296, 4294967296) as number
    from now, pg_locks
    where locktype = 'transactionid' and mode = 'ExclusiveLock' and granted
  )
  select oldest::text, next::text, snapshot::text as plain,
    array(
      select number::text from running where number >= oldest and number < next order by number
    ) as running
  from now`;

type Found = { oldest: string; next: string; plain: string; running: string[] };

const TRIES = 100;

/**
 * Begins to read what is there now.
 * @param tables are locked first, as reading them would do: TRUNCATE empties a table also for snapshots that
 *   are older
 * @returns PostgreSQL's snapshot, as text in which the numbers of savepoints are in progress too
 */
export const beginSnapshot = async (client: Client, tables: readonly string[] = []): Promise<string> => {
  for (let tries = 1; ; tries += 1) {
    await client.query('begin isolation level repeatable read read only');
    if (tables.length > 0) await client.query(`lock table ${tables.join(', ')} in access share mode`);
    const { rows } = await client.query<Found>(READ);
    const { oldest, next, plain, running } = rows[0] as Found;
    const listed = plain.split(':')[2] ?? '';
    if (listed === '' || listed.split(',').every((number) => running.includes(number)))
      return `${oldest}:${next}:${running.join(',')}`;
    // One has ended since; what savepoints it had is not known. A standby server never knows.
    if (tries === TRIES) return `${oldest}:${oldest}:`;
    await client.query('rollback');
  }
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
