import { everyTwoSeconds, type Say } from '../../backup/progress.ts';
import { UsageError } from '../../events/system.ts';
import { contextOf } from '../copy/context.ts';
import type { AnyMapping } from '../copy/copy-table.ts';
import { checkSource, readFilled, readRun, withoutRun, type Run } from '../copy/records.ts';
import { readShapes, type Shapes } from '../copy/shapes.ts';
import type { Source } from '../copy/source.ts';
import { tableKey, targetOf, type Target, type TargetTable } from '../copy/targets.ts';
import { sumOf, unequalBuckets } from './checksum.ts';
import { FIXED } from './source-side.ts';
import { collectRefused, find, type Findings } from './findings.ts';
import { compareTables, type ComparedTable, type Comparing } from './compare.ts';
import { differencesOf } from './differences.ts';
import { faultsIn, missingReferences } from './references.ts';
import { collectTotals, readTotals, unequalTotals, type Totals } from './totals.ts';

export type VerifyRequest = {
  source: Source;
  targets: readonly Target[];
  mappings: readonly AnyMapping[];
  say: Say;
  /** Sees each difference and each refused row, as lines. */
  onLine?(line: string): void;
  /** Called when both sides are read as of one moment: from then on they may change. */
  onSnapshot?(): Promise<void>;
};

/** A table on both sides. */
type VerifiedTable = {
  table: string;
  expected: { rows: number; sum: string };
  found: { rows: number; sum: string };
};

export type VerifyReport = {
  tables: VerifiedTable[];
  /** Everything that is wrong. */
  findings: Findings;
  totals: Totals;
  /** Refused rows of the source by table and kind, with the ids of the first. */
  refused: ReadonlyMap<string, Findings>;
  /** Whether the copy left them out by the owner's choice. */
  leavesOut: boolean;
  sourceRows: number;
  seconds: number;
};

/** @throws UsageError when there is no finished copy */
const readFinishedRun = async (targets: readonly Target[], name: string): Promise<Run> => {
  let run: Run | null = null;
  for (const target of targets) {
    const { database, client } = target;
    await client.query('begin isolation level repeatable read read only');
    const one = await readRun(client);
    if (!one) throw await withoutRun(target);
    checkSource(database, one, name);
    if (!one.copiedAt)
      throw new UsageError('The copy has not ended: npm run poc2 -- copy goes on where it was cut off.');
    run = one;
  }
  if (!run) throw new UsageError('There is no database to verify.');
  return run;
};

/** Every table that a mapping names, with the columns that the copy has filled. */
const tablesOf = async ({ targets, mappings }: VerifyRequest, shapes: Shapes) => {
  const named = new Map<string, TargetTable>();
  for (const one of mappings.flatMap((mapping) => mapping.targets)) named.set(tableKey(one), one);
  const tables: Comparing['tables'][number][] = [];
  for (const table of named.values()) {
    const filled = (await readFilled(targetOf(targets, table.database).client)).get(table.table);
    tables.push({ ...table, shape: filled ? shapes.named(table, filled.columns) : shapes.keyOnly(table) });
  }
  return tables;
};

const reportOf = (one: ComparedTable): VerifiedTable => ({
  table: tableKey(one),
  expected: { rows: one.expected.rows, sum: sumOf(one.expected) },
  found: { rows: one.found.rows, sum: sumOf(one.found) },
});

const addDifferences = async (
  compared: readonly ComparedTable[],
  comparing: Comparing,
  report: (text: string) => void,
): Promise<void> => {
  const unequal = compared.filter((one) => unequalBuckets(one.expected, one.found).size > 0);
  const named = new Set<string>();
  for await (const { table, id, what, source } of differencesOf(unequal, comparing)) {
    named.add(table);
    report(`${table} ${id} ${what}${source === null ? '' : `; source: ${source}`}`);
  }
  // Such as two rows for one key.
  for (const table of unequal.map(tableKey).filter((one) => !named.has(one)))
    report(`${table}: the checksums differ, and no single row does`);
};

/**
 * Compares the databases of the services with what the mapping makes of the source now.
 * @throws UsageError when there is no finished copy
 */
export const verifyAll = async (request: VerifyRequest): Promise<VerifyReport> => {
  const { source, targets, mappings, onLine } = request;
  const startedMs = performance.now();
  const run = await readFinishedRun(targets, source.name);
  await request.onSnapshot?.();
  const { leavesOut } = run;
  const context = await contextOf(source, run);
  const { refused, add: addRefused } = collectRefused(onLine);
  const totals = collectTotals();
  const faults: string[] = [];
  let found: Totals = new Map();
  let sourceRows = 0;
  const shapes = await readShapes(targets, mappings);
  const comparing: Comparing = {
    side: { source, context, shapes },
    ...{ targets, mappings, tables: await tablesOf(request, shapes), say: everyTwoSeconds(request.say) },
    onMapped: (mapped) => {
      if (mapped.table !== FIXED) sourceRows += 1;
      totals.add(mapped);
      mapped.irregularities.forEach(addRefused);
    },
    onRead: async (target) => {
      if (target.database === 'payments') found = await readTotals(target.client);
      faults.push(...(await faultsIn(target)));
    },
  };
  const compared = await compareTables(comparing);
  const findings: Findings = { count: 0, shown: [] };
  const report = (text: string): void => {
    onLine?.(`difference\t${text}`);
    find(findings, text);
  };
  await addDifferences(compared, comparing, report);
  unequalTotals('sums of the mapping', totals.bySource, totals.regular).forEach(report);
  unequalTotals('sums', totals.mapped, found).forEach(report);
  faults.forEach(report);
  for await (const text of missingReferences(targets)) report(text);
  if (!leavesOut)
    for (const [kind, { count }] of refused) find(findings, `${kind}: ${count} rows are refused`, count);
  const seconds = (performance.now() - startedMs) / 1_000;
  return { tables: compared.map(reportOf), findings, totals: found, refused, leavesOut, sourceRows, seconds };
};
