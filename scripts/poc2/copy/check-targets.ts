import { escapeIdentifier, type Client } from 'pg';
import { otherOf } from '../../backup/check-target.ts';
import { migrateAt } from '../../backup/load-database.ts';
import { closeSql, OPEN_SQL } from '../../../broker/postgres/closed.ts';
import { readMigrations } from '../../../broker/postgres/migration-files.ts';
import { listMigrations, listTables } from '../../backup/tables.ts';
import { UsageError } from '../../events/system.ts';
import { readFilled, readRun, RECORD_TABLES, type Filled, type Run } from './records.ts';
import { countRows, type Target } from './targets.ts';

/** For the log of a service that waits. */
const CLOSED = "POC-2's data is copied into it (npm run poc2 -- copy); npm run poc2 -- cut-over opens it";

/** What services write for themselves, without any user: a process that has run once leaves rows there. */
const OWN_TABLES: readonly string[] = [
  ...['migrations', 'jobs', 'signing_keys', 'system_samples', 'system_changes', ...RECORD_TABLES],
];

/** @throws UsageError when a table that no run has filled has rows */
const checkEmpty = async (
  { database, client }: Target,
  filled: ReadonlyMap<string, Filled>,
): Promise<void> => {
  const isMigrated = (await listMigrations(client)).length > 0;
  // Rows that migrations insert are of their transactions.
  const others = isMigrated ? 'where xmin::text not in (select xmin::text from migrations)' : '';
  const hasRows = async (table: string): Promise<boolean> => {
    const { rowCount } = await client.query(`select from ${escapeIdentifier(table)} ${others} limit 1`);
    return rowCount !== 0;
  };
  for (const { name } of await listTables(client))
    if (!OWN_TABLES.includes(name) && !filled.has(name) && (await hasRows(name)))
      throw new UsageError(
        `The database of ${database} is not empty: its table ${name} has rows. Copy into an empty system.`,
      );
};

/**
 * @param then what can be done
 * @throws UsageError when a table has more or fewer rows than were copied
 */
const checkCounts = async (
  { database, client }: Target,
  filled: ReadonlyMap<string, Filled>,
  then: string,
): Promise<void> => {
  for (const [table, { rows }] of filled) {
    const found = await countRows(client, table);
    if (found !== rows)
      throw new UsageError(
        `The table ${table} of ${database} has ${found} rows and not the ${rows} that were copied: ${then}.`,
      );
  }
};

/** Brings the databases to this program's version. */
export const migrateTargets = async (targets: readonly Target[]): Promise<void> => {
  for (const { client, place, migrations } of targets) {
    const run = await listMigrations(client);
    const known = (await readMigrations(migrations)).map(({ name }) => name);
    if (known.length === run.length && known.every((name) => run.includes(name))) continue;
    await migrateAt(place, migrations);
  }
};

const filledBefore = async (client: Client): Promise<Map<string, Filled>> =>
  (await readRun(client)) ? readFilled(client) : new Map();

/** @throws UsageError when a process of Payloom is connected to a database */
export const checkProcesses = async (targets: readonly Target[]): Promise<void> => {
  for (const { client } of targets) {
    const other = await otherOf(client);
    if (other) throw new UsageError(`The process "${other}" runs on this system: stop all processes first.`);
  }
};

/**
 * Checks that the databases hold nothing, or just what an earlier run has copied.
 * @returns the run that was begun; null when there is none
 * @throws UsageError
 */
export const checkTargets = async (targets: readonly Target[]): Promise<(Run & { done: boolean }) | null> => {
  await checkProcesses(targets);
  const runs: Awaited<ReturnType<typeof readRun>>[] = [];
  for (const target of targets) {
    const filled = await filledBefore(target.client);
    await checkEmpty(target, filled);
    await checkCounts(target, filled, 'use an empty system');
    runs.push(await readRun(target.client));
  }
  const [run] = runs.filter((one) => one !== null);
  if (!run) return null;
  for (const one of runs)
    if (one && (one.source !== run.source || one.nowMs !== run.nowMs))
      throw new UsageError('The databases were filled by different runs: start over (--start-over).');
  return { ...run, done: runs.every((one) => one?.copiedAt != null) };
};

/**
 * Checks that the databases hold nothing but what runs have copied.
 * @throws UsageError when the system has been used since
 */
export const checkUnused = async (targets: readonly Target[]): Promise<void> => {
  await checkProcesses(targets);
  for (const target of targets) {
    if ((await readRun(target.client))?.openedAt)
      throw new UsageError(
        `The database of ${target.database} is in use: --start-over would delete what is new.`,
      );
    const filled = await filledBefore(target.client);
    await checkEmpty(target, filled);
    await checkCounts(target, filled, 'it was used, and --start-over would delete that');
  }
};

/** Closes the databases that are not; those of a run are closed already. */
const closeOpen = async (targets: readonly Target[]): Promise<Target[]> => {
  const closed: Target[] = [];
  for (const target of targets) {
    const { rowCount } = await target.client.query("select where to_regclass('public.closed') is null");
    if (rowCount === 0) continue;
    for (const statement of closeSql(CLOSED)) await target.client.query(statement);
    closed.push(target);
  }
  return closed;
};

/** Lets services into databases into which no run copies. */
const openUnfilled = async (targets: readonly Target[]): Promise<void> => {
  for (const { client } of targets) {
    await client.query('rollback');
    if (!(await readRun(client))) await client.query(OPEN_SQL);
  }
};

/**
 * Runs while no service may use the databases, which were checked before. They stay closed when a run has
 * begun to fill them.
 * @throws UsageError when a process came meanwhile
 */
export const whileClosed = async <T>(targets: readonly Target[], run: () => Promise<T>): Promise<T> => {
  try {
    const closed = await closeOpen(targets);
    // One that came meanwhile has seen it open.
    await checkProcesses(targets);
    for (const target of closed) await checkEmpty(target, await filledBefore(target.client));
    return await run();
  } catch (error) {
    await openUnfilled(targets).catch(() => undefined);
    throw error;
  }
};

/** Removes what runs have copied, and all their records; the databases stay closed. */
export const removeCopied = async (targets: readonly Target[]): Promise<void> => {
  for (const { client } of targets) {
    if (!(await readRun(client))) continue;
    const { rows } = await client.query<{ restore: string }>(
      'select restore from poc2_aside order by position',
    );
    const filled = [...(await readFilled(client)).keys()].map(escapeIdentifier);
    await client.query('begin');
    if (filled.length > 0) await client.query(`truncate ${filled.join(', ')} cascade`);
    for (const { restore } of rows) await client.query(restore);
    await client.query(`drop table ${RECORD_TABLES.join(', ')}`);
    await client.query('drop table if exists poc2_ids, poc2_hashes');
    await client.query('commit');
  }
};
