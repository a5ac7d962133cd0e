import type { Client } from 'pg';
import { UsageError } from '../../events/system.ts';
import { contextOf } from '../copy/context.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import type { MappingOptions } from '../mapping/table-mapping.ts';
import { checkTable, type CheckedTable, type Checking, type Finding } from './check-rows.ts';
import { checkSource, type Remark } from './check-source.ts';

export type Report = { tables: CheckedTable[]; remarks: Remark[] };

const linesOf = ({ kind, outcome, count, ids, detail }: Finding): string[] => {
  const shown = ids.join(', ') + (count > ids.length ? ', …' : '');
  return [
    `  ${outcome.padEnd(8)}${kind.padEnd(28)}${String(count).padStart(9)}  ${shown}`,
    `          ${detail}`,
  ];
};

const countOf = ({ tables }: Report, what: 'rows' | 'refused'): number =>
  tables.reduce((sum, table) => sum + table[what], 0);

const refusal = (refused: number, rows: number): string =>
  `${refused} of ${rows} rows are refused: give the options that they need, or mend them in the source; ` +
  'copy --leave-out-refused copies the others.';

/** The report for people. */
export const reportLines = (report: Report): string[] => {
  const { tables, remarks } = report;
  const rows = countOf(report, 'rows');
  const refused = countOf(report, 'refused');
  return [
    ...tables.flatMap((one) => [
      `${one.table}: ${one.rows} rows become ${one.becomes}, ${one.refused} are refused`,
      ...one.findings.flatMap(linesOf),
    ]),
    ...remarks.map(({ text }) => text),
    refused === 0 ? `None of ${rows} rows is refused.` : refusal(refused, rows),
  ];
};

/** What is refused, for people; none where nothing is. */
export const refusedLines = (report: Report): string[] => {
  const refused = countOf(report, 'refused');
  if (refused === 0) return [];
  return [
    ...report.tables.flatMap(({ table, findings }) =>
      findings.filter(({ outcome }) => outcome === 'refused').flatMap((one) => [table, ...linesOf(one)]),
    ),
    refusal(refused, countOf(report, 'rows')),
  ];
};

/** SQLSTATE of a table, column, type or right that is not there. */
const OTHER_SCHEMA = ['42P01', '42703', '42704', '42883'];
const NO_RIGHT = '42501';

/** @throws UsageError in the place of PostgreSQL's error about a database that is none of POC-2 */
const refuseOthers = (error: unknown): never => {
  const { code, message } = error as { code?: string; message: string };
  if (code !== undefined && OTHER_SCHEMA.includes(code))
    throw new UsageError(`This is no database of POC-2: ${message}.`, { cause: error });
  if (code === NO_RIGHT) throw new UsageError(`The login may not read it: ${message}.`, { cause: error });
  throw error;
};

/**
 * Reads a whole source as it is at one moment and says what is irregular in it, and what the mapping makes of
 * that. Writes nothing.
 * @param client in a transaction that sees one snapshot
 * @throws UsageError when it is no database of POC-2
 */
export const check = async (
  client: Client,
  { options, nowMs, ...others }: { options: MappingOptions; nowMs: number } & Omit<Checking, 'context'>,
): Promise<Report> => {
  try {
    const context = await contextOf({ client }, { options, nowMs, latestMs: nowMs });
    const tables: CheckedTable[] = [];
    for (const mapping of MAPPINGS) tables.push(await checkTable(client, mapping, { context, ...others }));
    return { tables, remarks: await checkSource(client) };
  } catch (error) {
    return refuseOthers(error);
  }
};

/** Whether nothing is refused and nothing is wrong with the source as a whole. */
export const isFit = ({ tables, remarks }: Report): boolean =>
  tables.every(({ refused }) => refused === 0) && !remarks.some(({ isProblem }) => isProblem);
