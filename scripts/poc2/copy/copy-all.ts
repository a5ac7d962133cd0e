import { isDeepStrictEqual } from 'node:util';
import { escapeIdentifier } from 'pg';
import type { Say } from '../../backup/progress.ts';
import { UsageError } from '../../events/system.ts';
import { fixedRows } from '../mapping/deleted-user.ts';
import type { Irregularity, MappingContext, MappingOptions } from '../mapping/table-mapping.ts';
import { covers, readChangeLog } from '../follow/change-log.ts';
import { followOnce } from '../follow/follow-once.ts';
import { dropIndexes } from '../follow/locate.ts';
import { bringBack, setAside } from './aside.ts';
import { checkTargets, checkUnused, migrateTargets, removeCopied, whileClosed } from './check-targets.ts';
import { contextOf } from './context.ts';
import { ensureExtensions } from './extensions.ts';
import { copyTable, databasesOf, type AnyMapping, type Copying } from './copy-table.ts';
import { tableProgress, type TableReport } from './progress.ts';
import { readFilled, readProgress, readRun, writeRun, type Run } from './records.ts';
import { readShapes, type Shapes } from './shapes.ts';
import { changedSince, countSource, readAgain, type Source } from './source.ts';
import { addLine, linesFor, writeTables } from './table-lines.ts';
import { lockTargets, targetOf, type Target } from './targets.ts';

export type CopyRequest = {
  source: Source;
  targets: readonly Target[];
  mappings: readonly AnyMapping[];
  options: MappingOptions;
  nowMs: number;
  batchRows: number;
  startOver: boolean;
  /** Throws when rows would be refused, before anything is written; null: they are left out. */
  checkRows: (() => Promise<void>) | null;
  say: Say;
};

export type CopyReport = {
  tables: TableReport[];
  /** Numbers of irregular rows of this run. */
  irregularities: ReadonlyMap<string, number>;
  seconds: number;
};

/** The tables of a target that are filled. */
const tablesOf = (mappings: readonly AnyMapping[], { database }: Target): string[] => [
  ...new Set(
    mappings.flatMap(({ targets }) =>
      targets.filter((one) => one.database === database).map(({ table }) => table),
    ),
  ),
];

/**
 * Whether changes of the source since the run began are logged, so that the run can go on all the same.
 * @throws UsageError when the run cannot be continued
 */
const checkRun = async (run: Run & { done: boolean }, request: CopyRequest): Promise<boolean> => {
  const { source, options, checkRows } = request;
  if (run.done) throw new UsageError('Everything was copied before; npm run poc2 -- verify compares it.');
  if (run.source !== source.name)
    throw new UsageError(`The run that was cut off has copied ${run.source}, and not ${source.name}.`);
  const isSame = isDeepStrictEqual(run.options, JSON.parse(JSON.stringify(options)));
  if (!isSame || run.leavesOut !== (checkRows === null))
    throw new UsageError(
      `The run that was cut off began with other options: give the same, or start over (--start-over).`,
    );
  const log = await readChangeLog(source);
  if (log && (await covers(source.client, log, run.snapshot))) return true;
  const table = await changedSince(source, run.snapshot, run.totals);
  if (table)
    throw new UsageError(
      `Rows of ${table} have changed in the source since the run that was cut off began: ` +
        'start over (--start-over).',
    );
  return false;
};

/** Applies what has changed since the run began to the rows that it has copied. */
const catchUp = async ({ targets, mappings, say, ...request }: CopyRequest, run: Run) => {
  const source = await readAgain(request.source);
  const { changes, rows } = await followOnce({ source, targets, mappings, isCopying: true });
  if (changes > 0) say(`${changes} changes since it began are applied, in ${rows} rows`);
  const [first] = targets;
  return { run: { ...run, ...(first && (await readRun(first.client))) }, source };
};

/** Begins a run in the databases that have none. */
const writeRuns = async (request: CopyRequest, earlier: Run | null): Promise<Run> => {
  const { source, targets, mappings, options, nowMs, checkRows } = request;
  if (!earlier) await checkRows?.();
  if (request.startOver) await removeCopied(targets);
  await migrateTargets(targets);
  const tables = [...mappings.map(({ table }) => table), 'payment_transactions'];
  const context = await contextOf(source, { options, nowMs, latestMs: nowMs });
  const run = earlier ?? {
    ...{ source: source.name, options, nowMs, latestMs: nowMs, snapshot: source.snapshot },
    leavesOut: checkRows === null,
    totals: await countSource(source, tables),
    equalEmails: [...context.equalEmails],
    sharedIntents: [...context.sharedIntents],
  };
  for (const target of targets) {
    if (await readRun(target.client)) continue;
    await target.client.query('begin');
    await writeRun(target, run);
    // Not to be brought back: follow makes them when it needs them.
    await dropIndexes(target);
    await setAside(target.client, tablesOf(mappings, target));
    await target.client.query('commit');
  }
  return run;
};

/** The run to continue, or a new one, in all databases; and the source, which it reads as of one moment. */
const beginRun = async (request: CopyRequest): Promise<{ run: Run; source: Source }> => {
  const { source, targets } = request;
  await lockTargets(targets);
  if (request.startOver) await checkUnused(targets);
  const earlier = request.startOver ? null : await checkTargets(targets);
  await ensureExtensions(targets);
  const isLogged = earlier !== null && (await checkRun(earlier, request));
  const run = await whileClosed(targets, () => writeRuns(request, earlier));
  if (earlier) request.say('going on where the run before was cut off');
  return isLogged ? catchUp(request, run) : { run, source };
};

/** Writes the rows that come from no row of the source, unless an earlier run has done so. */
const writeFixedRows = async (
  targets: readonly Target[],
  shapes: Shapes,
  { options }: MappingContext,
): Promise<void> => {
  const lines = linesFor(targets.map(({ database }) => database));
  for (const row of fixedRows({ options })) addLine(lines, shapes, row);
  for (const { database, client } of targets) {
    const { rowCount } = await client.query('select from poc2_run where has_fixed_rows');
    if (rowCount === 0)
      await writeTables(client, lines.get(database) ?? new Map(), () =>
        client.query('update poc2_run set has_fixed_rows = true'),
      );
  }
};

/** Indexes, foreign keys and triggers, statistics, rights, and the record that all is there. */
const finish = async ({ database, place, client }: Target, say: Say): Promise<void> => {
  await bringBack(client, (restore) => say(`${database}: ${restore.split(' (')[0]}`));
  const filled = [...(await readFilled(client)).keys()].map(escapeIdentifier);
  if (filled.length > 0) await client.query(`vacuum (analyze) ${filled.join(', ')}`);
  if (place.login) {
    const role = decodeURIComponent(new URL(place.login.url).username);
    await client.query(`grant select on poc2_ids to ${escapeIdentifier(role)}`);
  }
  await client.query('update poc2_run set copied_at = now()');
};

/**
 * Copies a source into the databases of the services, or what a run that was cut off has left.
 * @throws UsageError when it refuses; nothing is changed then
 */
export const copyAll = async (request: CopyRequest): Promise<CopyReport> => {
  const { targets, mappings, batchRows, say } = request;
  const startedMs = performance.now();
  const { run, source } = await beginRun(request);
  const irregularities = new Map<string, number>();
  const onIrregularity = ({ kind, table, outcome }: Irregularity): void => {
    const key = `${table} ${outcome}: ${kind}`;
    irregularities.set(key, (irregularities.get(key) ?? 0) + 1);
  };
  const context = await contextOf(source, run);
  const shapes = await readShapes(targets, mappings);
  await writeFixedRows(targets, shapes, context);
  const shared = { source, targets, batchRows, onIrregularity, context, shapes };
  const tables: TableReport[] = [];
  for (const mapping of mappings) {
    const done = await Promise.all(
      databasesOf(mapping).map(async (database) => {
        const progress = await readProgress(targetOf(targets, database).client);
        return progress.get(mapping.table)?.rows ?? 0;
      }),
    );
    const total = run.totals.get(mapping.table) ?? 0;
    const progress = tableProgress(mapping.table, total, Math.min(...done), say);
    const copying: Copying = { ...shared, onBatch: progress.add };
    await copyTable(mapping, copying);
    tables.push(progress.report());
  }
  say('all rows are written; indexes and foreign keys follow');
  await Promise.all(targets.map((target) => finish(target, say)));
  return { tables, irregularities, seconds: (performance.now() - startedMs) / 1_000 };
};
