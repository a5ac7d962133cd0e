import { closeSql, OPEN_SQL } from '../../../broker/postgres/closed.ts';
import { UsageError } from '../../events/system.ts';
import { checkProcesses } from '../copy/check-targets.ts';
import { checkSource, readRun, type Run } from '../copy/records.ts';
import type { SourceConnection } from '../copy/source.ts';
import { lockTargets, type Target } from '../copy/targets.ts';
import { systemOf } from '../cut-over/open-targets.ts';

const CLOSED = 'npm run poc2 -- back-out takes its data back to POC-2';

type Opened = { run: Run; snapshot: string; isBackedOut: boolean };

const readOpened = async ({ database, client }: Target, source: SourceConnection): Promise<Opened> => {
  const run = await readRun(client);
  if (!run) throw new UsageError(`The database of ${database} did not come from POC-2: nothing goes back.`);
  checkSource(database, run, source.name);
  const { rows } = await client.query<{
    snapshot: string | null;
    system: string | null;
    isBackedOut: boolean;
  }>(
    `select opening_snapshot as snapshot, opening_system as system,
       backed_out_at is not null as "isBackedOut"
     from poc2_run`,
  );
  const { snapshot = null, system = null, isBackedOut = false } = rows[0] ?? {};
  if (snapshot === null)
    throw new UsageError(
      'Payloom was never opened for writes here: there is nothing to take back. ' +
        'npm run poc2 -- cut-over goes on, and until it has opened a part, --undo lets POC-2 write again.',
    );
  const now = await systemOf({ client });
  if (system !== null && now !== null && system !== now)
    throw new UsageError(
      `The database of ${database} is on another server than at the cut-over, as a restored dump is: rows ` +
        'that were written since cannot be recognized there. Restore the files of that server.',
    );
  return { run, snapshot, isBackedOut };
};

const isRecordedOpen = async ({ client }: Target): Promise<boolean> => {
  if (!(await readRun(client))) return false;
  const { rowCount } = await client.query('select from poc2_run where opening_snapshot is not null');
  return rowCount === 1;
};

/** What the source's records say of the move. */
export type SourceState = 'fenced' | 'backed out';

/** @throws UsageError when the source is not in a state that allows a way back */
export const readSourceState = async ({ name, client }: SourceConnection): Promise<SourceState> => {
  const { rows } = await client.query<{ made: boolean }>(
    "select to_regclass('payloom_move.state') is not null as made",
  );
  if (rows[0]?.made !== true)
    throw new UsageError(
      `${name} has no records of a move: it was finished, or never begun. A way back is until finish.`,
    );
  const { rows: states } = await client.query<{ isFenced: boolean; isBackedOut: boolean }>(
    `select fenced_at is not null as "isFenced", backed_out_at is not null as "isBackedOut"
     from payloom_move.state`,
  );
  const state = states[0];
  if (state?.isFenced) return 'fenced';
  if (state?.isBackedOut) return 'backed out';
  throw new UsageError(`${name} still takes writes: nothing was cut over.`);
};

/**
 * Locks the databases and closes them to services.
 * @returns the run that filled them, and the snapshot of each at the moment when services were let in
 * @throws UsageError when a process of Payloom runs, or nothing was opened
 */
export const closeTargets = async (source: SourceConnection, targets: readonly Target[]) => {
  await lockTargets(targets);
  await checkProcesses(targets);
  const areOpened = await Promise.all(targets.map(isRecordedOpen));
  if (areOpened.includes(true) && areOpened.includes(false))
    throw new UsageError('Only a part of Payloom was opened: npm run poc2 -- cut-over goes on.');
  const opened = new Map<string, Opened>();
  for (const target of targets) opened.set(target.database, await readOpened(target, source));
  for (const { client } of targets) {
    await client.query('begin');
    await client.query(OPEN_SQL);
    for (const statement of closeSql(CLOSED)) await client.query(statement);
    await client.query('commit');
  }
  try {
    // One that came meanwhile has seen it open.
    await checkProcesses(targets);
  } catch (error) {
    await reopenTargets(targets);
    throw error;
  }
  const [first] = [...opened.values()];
  const snapshots = new Map([...opened].map(([database, { snapshot }]) => [database, snapshot]));
  return { run: (first as Opened).run, snapshots, isBackedOut: first?.isBackedOut === true };
};

/** Lets services in again, after a way back that was not taken. */
export const reopenTargets = async (targets: readonly Target[]): Promise<void> => {
  for (const { client } of targets) await client.query(`rollback; ${OPEN_SQL}`);
};

/** Records that POC-2 has everything; the databases stay closed. */
export const markBackedOut = async (targets: readonly Target[]): Promise<void> => {
  for (const { client } of targets) {
    await client.query('rollback');
    await client.query(
      'update poc2_run set opened_at = null, backed_out_at = coalesce(backed_out_at, now())',
    );
    await client.query("comment on table closed is 'its data went back to POC-2 (npm run poc2 -- back-out)'");
  }
};
