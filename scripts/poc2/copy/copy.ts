import { systemClock } from '../../../broker/process/clock.ts';
import type { Say } from '../../backup/progress.ts';
import { UsageError } from '../../events/system.ts';
import { check, refusedLines } from '../check/check.ts';
import { irregularLine, openList, type List } from '../list-file.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import type { Irregularity, MappingOptions } from '../mapping/table-mapping.ts';
import { copyAll, type CopyReport } from './copy-all.ts';
import { findAddresses } from './places.ts';
import { rateOf } from './progress.ts';
import { openSource, type Source } from './source.ts';
import { closeTargets, openTargets, type Target } from './targets.ts';

export const COPY_HELP = `  copy                     copies the source, as it is now, into the databases
                           of the services; after a crash the same command goes on
  verify                   compares every row of the copy with the source, and adds everything up
    --stack NAME           a stack (npm run stack); otherwise the services' database variables, or else the
                           instance on PORT. No process of Payloom may run there while copy does
    --leave-out-refused    copy: copies although rows are refused. Otherwise it maps all rows first, and
                           writes none when one is refused; verify takes each for a difference
    --start-over           copy: deletes what an earlier copy has written, and begins again
    --batch-rows N         copy: rows of the source in one transaction (default 5000)`;

export const COPY_OPTIONS = {
  stack: { type: 'string' },
  'leave-out-refused': { type: 'boolean' },
  'start-over': { type: 'boolean' },
  'batch-rows': { type: 'string' },
} as const;

export type CopyValues = {
  stack?: string;
  'leave-out-refused'?: boolean;
  'start-over'?: boolean;
  'batch-rows'?: string;
  list?: string;
};

const BATCH_ROWS = 5_000;
const BATCH_ROWS_MAX = 100_000;

const batchRowsOf = (text: string | undefined): number => {
  if (text === undefined) return BATCH_ROWS;
  const rows = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (rows < 1 || rows > BATCH_ROWS_MAX)
    throw new UsageError(`--batch-rows takes a whole number from 1 to ${BATCH_ROWS_MAX}.`);
  return rows;
};

/** Runs with connections to the databases that are filled. */
export const withTargets = async <T>(
  { stack, canRun }: { stack: string | undefined; canRun: boolean },
  run: (targets: Target[]) => Promise<T>,
): Promise<T> => {
  const { env, close } = await findAddresses(stack, canRun);
  try {
    const targets = await openTargets(env);
    try {
      return await run(targets);
    } finally {
      await closeTargets(targets);
    }
  } finally {
    await close();
  }
};

/** Runs with connections to the source, as it is now, and to the databases that are filled. */
export const withBoth = async <T>(
  url: string,
  where: { stack: string | undefined; canRun: boolean },
  run: (source: Source, targets: Target[]) => Promise<T>,
): Promise<T> => {
  const source = await openSource(url);
  try {
    return await withTargets(where, (targets) => run(source, targets));
  } finally {
    await source.close();
  }
};

const summaryOf = ({ tables, irregularities, seconds }: CopyReport): string[] => {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const written = tables.reduce((sum, table) => sum + table.written, 0);
  return [
    ...tables.map(
      (one) => `  ${one.table}: ${one.rows} rows became ${one.written}, ${rateOf(one.written, one.seconds)}`,
    ),
    ...[...irregularities].map(([kind, count]) => `  ${kind}, ${count} times`),
    `Copied ${rows} rows into ${written} in ${seconds.toFixed(1)} s, ${rateOf(written, seconds)}`,
    'Now: npm run poc2 -- verify',
  ];
};

/** Rows are refused; nothing was written. */
class Refused extends Error {}

/** @throws Refused */
const checkRows = async (
  { client }: Source,
  checking: { options: MappingOptions; nowMs: number; say: Say; list: List },
): Promise<void> => {
  const { list, ...others } = checking;
  others.say('all rows are mapped once before the first is written');
  const onIrregularity = (one: Irregularity) => list.add(irregularLine(one));
  const report = await check(client, { ...others, onIrregularity });
  const refused = refusedLines(report);
  if (refused.length === 0) return;
  refused.forEach(others.say);
  throw new Refused('nothing was written');
};

/** `npm run poc2 -- copy`: 1 where it refuses, or where rows are refused. */
export const copy = async (
  url: string,
  values: CopyValues,
  options: MappingOptions,
  say: Say,
): Promise<number> => {
  const batchRows = batchRowsOf(values['batch-rows']);
  const list = openList(values.list);
  const nowMs = systemClock.nowMs();
  const leavesOut = values['leave-out-refused'] === true;
  try {
    return await withBoth(url, { stack: values.stack, canRun: false }, async (source, targets) => {
      const report = await copyAll({
        ...{ source, targets, mappings: MAPPINGS, options, batchRows, say, nowMs },
        startOver: values['start-over'] === true,
        checkRows: leavesOut ? null : () => checkRows(source, { options, nowMs, say, list }),
      }).catch((error: Error) => {
        if (error instanceof UsageError || error instanceof Refused) throw error;
        throw new Error(`${error.message}. The same command goes on where this one ended.`, { cause: error });
      });
      summaryOf(report).forEach(say);
      return 0;
    });
  } finally {
    list.close();
  }
};
