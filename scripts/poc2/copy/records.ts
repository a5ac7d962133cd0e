// What a copy records in each database that it fills. Migrations of services do not know these tables.
import type { Client } from 'pg';
import { UsageError } from '../../events/system.ts';
import { OLD_IDS } from '../mapping/ids.ts';
import type { MappingOptions, SourceTable } from '../mapping/table-mapping.ts';
import type { Target } from './targets.ts';

export const RECORD_TABLES = ['poc2_run', 'poc2_waiting', 'poc2_copy', 'poc2_filled', 'poc2_aside'] as const;

/** Makes the tables. */
export const CREATE_RECORDS = `
  create table poc2_run (
    only_row boolean primary key default true check (only_row),
    -- Server and database of the source.
    source text not null,
    options json not null,
    -- Whether refused rows are left out.
    leaves_out boolean not null default false,
    now_ms bigint not null,
    -- Of the source, when the copy began; then that of the last changes of the source that were applied.
    snapshot text not null,
    -- What is later than this is in the future.
    latest_ms bigint not null,
    -- Ids of the users who had the address of an older one at this snapshot.
    equal_emails json not null,
    -- PaymentIntents that an open payment and another one named at this snapshot.
    shared_intents json not null,
    -- Whether the rows are there that come from no row of the source.
    has_fixed_rows boolean not null default false,
    copied_at timestamptz,
    -- When services were let in, and PostgreSQL's snapshot at that moment: what it does not see is theirs.
    opened_at timestamptz,
    opening_snapshot text,
    -- The server of that snapshot (pg_control_system); null where the role may not know it.
    opening_system text,
    -- When what services wrote since went back into the source.
    backed_out_at timestamptz
  );
  -- Rows of the source that are refused because they are of the future.
  create table poc2_waiting (
    source_table text,
    row_id text,
    primary key (source_table, row_id)
  );
  -- How far each table of the source is in this database.
  create table poc2_copy (
    source_table text primary key,
    total bigint not null,
    last_key text,
    source_rows bigint not null default 0
  );
  -- The rows that were written, and the columns that were named.
  create table poc2_filled (
    table_name text primary key,
    columns text not null,
    rows bigint not null
  );
  -- What was set aside while tables are filled, and the statements that bring it back, in order.
  create table poc2_aside (
    position int primary key,
    restore text not null
  );
  create table ${OLD_IDS.table} (${OLD_IDS.columns});`;

/**
 * In auth's database: hashes of passwords that were set since, as POC-2 makes them, for the way back. auth
 * fills it while it is there.
 */
export const HASHES = {
  table: 'poc2_hashes',
  create: 'create table poc2_hashes (user_id text primary key, hash text not null)',
} as const;

/** What a copy began with. The same in all databases. */
export type Run = {
  source: string;
  options: MappingOptions;
  /** Whether refused rows are left out: otherwise there are none. */
  leavesOut: boolean;
  nowMs: number;
  latestMs: number;
  snapshot: string;
  equalEmails: readonly string[];
  sharedIntents: readonly string[];
  /** How many rows each table of the source had. */
  totals: ReadonlyMap<string, number>;
};

export type Progress = { total: number; lastKey: string | null; rows: number };

/** Creates the tables and writes the run, in a closed database. Within a transaction. */
export const writeRun = async (
  { client, database }: Pick<Target, 'client' | 'database'>,
  run: Run,
): Promise<void> => {
  const { source, options, leavesOut, nowMs, latestMs, snapshot, equalEmails, sharedIntents, totals } = run;
  await client.query(CREATE_RECORDS);
  if (database === 'auth') await client.query(HASHES.create);
  await client.query(
    `insert into poc2_run
       (source, options, leaves_out, now_ms, latest_ms, snapshot, equal_emails, shared_intents)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[source, JSON.stringify(options), leavesOut, nowMs, latestMs, snapshot],
      ...[JSON.stringify(equalEmails), JSON.stringify(sharedIntents)],
    ],
  );
  for (const [table, total] of totals)
    await client.query('insert into poc2_copy (source_table, total) values ($1, $2)', [table, total]);
};

/** A run with what became of it in one database. */
export type RecordedRun = Run & {
  copiedAt: Date | null;
  openedAt: Date | null;
  backedOutAt: Date | null;
};

/** @throws UsageError when a database was filled from another source */
export const checkSource = (database: string, { source }: Pick<Run, 'source'>, name: string): void => {
  if (source !== name)
    throw new UsageError(`The database of ${database} came from ${source}, and not from ${name}.`);
};

/** The run that this database has; null without one. */
export const readRun = async (client: Client): Promise<RecordedRun | null> => {
  const { rows: made } = await client.query<{ made: boolean }>(
    "select to_regclass('public.poc2_run') is not null as made",
  );
  if (made[0]?.made !== true) return null;
  const { rows } = await client.query<Omit<RecordedRun, 'totals' | 'nowMs' | 'latestMs'> & Texts>(
    `select source, options, leaves_out as "leavesOut", now_ms as "nowMs", latest_ms as "latestMs", snapshot,
       equal_emails as "equalEmails", shared_intents as "sharedIntents",
       copied_at as "copiedAt", opened_at as "openedAt", backed_out_at as "backedOutAt"
     from poc2_run`,
  );
  const [run] = rows;
  if (!run) return null;
  const totals = new Map<string, number>();
  for (const [table, { total }] of await readProgress(client)) totals.set(table, total);
  return { ...run, nowMs: Number(run.nowMs), latestMs: Number(run.latestMs), totals };
};
type Texts = { nowMs: string; latestMs: string };

/** Why a database has no run. */
export const withoutRun = async ({ database, client }: Pick<Target, 'client' | 'database'>) => {
  const { rowCount } = await client.query('select from pg_class where oid = to_regclass($1)', [
    `public.${OLD_IDS.table}`,
  ]);
  return new UsageError(
    rowCount === 0
      ? `Nothing was copied into the database of ${database}: npm run poc2 -- copy.`
      : `The move into the database of ${database} is finished: what it was compared by is gone.`,
  );
};

export const readProgress = async (client: Client): Promise<Map<string, Progress>> => {
  const { rows } = await client.query<{
    table: string;
    total: string;
    last_key: string | null;
    source_rows: string;
  }>('select source_table as table, total, last_key, source_rows from poc2_copy');
  return new Map(
    rows.map(({ table, total, last_key: lastKey, source_rows: count }) => [
      table,
      { total: Number(total), lastKey, rows: Number(count) },
    ]),
  );
};

export type Filled = { columns: readonly string[]; rows: number };

/** The tables that were filled. */
export const readFilled = async (client: Client): Promise<Map<string, Filled>> => {
  const { rows } = await client.query<{ table_name: string; columns: string; rows: string }>(
    'select table_name, columns, rows from poc2_filled order by 1',
  );
  return new Map(
    rows.map(({ table_name: table, columns, rows: count }) => [
      table,
      { columns: columns.split(','), rows: Number(count) },
    ]),
  );
};

const COUNT = `
  insert into poc2_filled (table_name, columns, rows)
  select * from unnest($1::text[], $2::text[], $3::bigint[])
  on conflict (table_name) do update set rows = poc2_filled.rows + excluded.rows
    where poc2_filled.columns = excluded.columns`;

/**
 * Adds to the numbers of rows, in the transaction that writes these.
 * @throws Error when a table was filled with other columns before
 */
export const recordFilled = async (client: Client, filled: ReadonlyMap<string, Filled>): Promise<void> => {
  const { rowCount } = await client.query(COUNT, [
    [...filled.keys()],
    [...filled.values()].map(({ columns }) => columns.join(',')),
    [...filled.values()].map(({ rows }) => rows),
  ]);
  if (rowCount !== filled.size)
    throw new Error('this program fills other columns than the one that began the copy: start over');
};

/** Records rows of the source that are refused until their time has come. */
export const recordWaiting = async (
  client: Client,
  table: SourceTable,
  ids: readonly string[],
): Promise<void> => {
  if (ids.length > 0)
    await client.query('insert into poc2_waiting select $1, unnest($2::text[]) on conflict do nothing', [
      table,
      ids,
    ]);
};

/** Rows of the source that are refused until their time has come. */
export const readWaiting = async (client: Client): Promise<{ table: SourceTable; id: string }[]> => {
  const { rows } = await client.query<{ table: SourceTable; id: string }>(
    'select source_table as table, row_id as id from poc2_waiting',
  );
  return rows;
};

/** What a run knows of the snapshot that it is at. */
type Followed = Pick<Run, 'snapshot' | 'latestMs' | 'equalEmails' | 'sharedIntents'>;

/** Records that a database is as of a later snapshot of the source, in the transaction that makes it so. */
export const recordFollowed = async (
  client: Client,
  { snapshot, latestMs, equalEmails, sharedIntents }: Followed,
): Promise<void> => {
  await client.query(
    'update poc2_run set snapshot = $1, latest_ms = $2, equal_emails = $3, shared_intents = $4',
    [snapshot, latestMs, JSON.stringify(equalEmails), JSON.stringify(sharedIntents)],
  );
};

/** Records a batch, in its transaction. */
export const recordBatch = async (
  client: Client,
  {
    table,
    lastKey,
    rows,
    waiting,
  }: { table: SourceTable; lastKey: string; rows: number; waiting: readonly string[] },
): Promise<void> => {
  await recordWaiting(client, table, waiting);
  await client.query(
    'update poc2_copy set last_key = $2, source_rows = source_rows + $3 where source_table = $1',
    [table, lastKey, rows],
  );
};
