import { UsageError } from '../../events/system.ts';
import { checkSource, HASHES, readRun, RECORD_TABLES } from '../copy/records.ts';
import { connectToSource, type SourceConnection } from '../copy/source.ts';
import { lockTargets, type Target } from '../copy/targets.ts';
import { inShortLocks, readChangeLog } from '../follow/change-log.ts';
import { UNINSTALL } from '../follow/change-log-sql.ts';
import { dropIndexes } from '../follow/locate.ts';

/** @throws UsageError while anything is connected that could write once the fence is gone */
const checkUnused = async ({ name, client }: SourceConnection): Promise<void> => {
  const { rows } = await client.query<{ pid: number; who: string }>(
    `select pid, coalesce(nullif(application_name, ''), usename, 'without name') as who
     from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and usesysid is not null
       and coalesce(backend_type, 'client backend') = 'client backend'
     order by backend_start limit 1`,
  );
  if (rows[0])
    throw new UsageError(
      `The process ${rows[0].pid} (${rows[0].who}) is connected to ${name}, which takes writes again after ` +
        'this: stop POC-2 first, or say --force.',
    );
};

/** @throws UsageError for a system that is not open */
const checkOpen = async (targets: readonly Target[], name: string): Promise<Target[]> => {
  const recorded: Target[] = [];
  for (const target of targets) {
    const run = await readRun(target.client);
    if (!run) continue;
    checkSource(target.database, run, name);
    if (!run.openedAt)
      throw new UsageError(`The database of ${target.database} is not open: npm run poc2 -- cut-over first.`);
    recorded.push(target);
  }
  return recorded;
};

/**
 * Removes what belongs to the move alone: fence and change log in POC-2, records in Payloom. The old ids
 * stay.
 * Killed anywhere, it can be run again. There is no way back afterwards.
 * @returns whether there was anything
 * @throws UsageError when it refuses
 */
export const finishMove = async (
  url: string,
  targets: readonly Target[],
  { force }: { force: boolean },
): Promise<boolean> => {
  await lockTargets(targets);
  const source = await connectToSource(url);
  try {
    const recorded = await checkOpen(targets, source.name);
    const log = await readChangeLog(source);
    if (log && recorded.length === 0)
      throw new UsageError('These databases did not come from POC-2: nothing is finished.');
    if (log && !force) await checkUnused(source);
    if (log) await inShortLocks(source, [UNINSTALL]);
    for (const target of recorded) {
      await dropIndexes(target);
      await target.client.query(`drop table if exists ${[...RECORD_TABLES, HASHES.table].join(', ')}`);
    }
    return log !== null || recorded.length > 0;
  } finally {
    await source.close();
  }
};
