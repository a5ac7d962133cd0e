import type { Client } from 'pg';
import type { Say } from '../../backup/progress.ts';
import { UsageError } from '../../events/system.ts';
import { contextOf } from '../copy/copy-all.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import type { MappingOptions } from '../mapping/table-mapping.ts';
import { checkTable, type CheckedTable, type Finding } from './check-rows.ts';
import { checkSource, type Remark } from './check-source.ts';

export type Report = { tables: CheckedTable[]; remarks: Remark[] };

const linesOf = ({ kind, outcome, count, ids, detail }: Finding): string[] => {
  const shown = ids.join(', ') + (count > ids.length ? ', …' : '');
  return [
    `  ${outcome.padEnd(8)}${kind.padEnd(28)}${String(count).padStart(9)}  ${shown}`,
    `          ${detail}`,
  ];
};

/** The report for people. */
export const reportLines = ({ tables, remarks }: Report): string[] => {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const refused = tables.reduce((sum, table) => sum + table.refused, 0);
  return [
    ...tables.flatMap((one) => [
      `${one.table}: ${one.rows} rows become ${one.becomes}, ${one.refused} are refused`,
      ...one.findings.flatMap(linesOf),
    ]),
    ...remarks.map(({ text }) => text),
    refused === 0
      ? `None of ${rows} rows is refused.`
      : `${refused} of ${rows} rows are refused: without the options that they need, copy leaves them out.`,
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
  { options, nowMs, say }: { options: MappingOptions; nowMs: number; say: Say },
): Promise<Report> => {
  try {
    const context = await contextOf({ client }, { options, nowMs, latestMs: nowMs });
    const tables: CheckedTable[] = [];
    for (const mapping of MAPPINGS) tables.push(await checkTable(client, mapping, context, say));
    return { tables, remarks: await checkSource(client) };
  } catch (error) {
    return refuseOthers(error);
  }
};

/** Whether nothing is refused and nothing is wrong with the source as a whole. */
export const isFit = ({ tables, remarks }: Report): boolean =>
  tables.every(({ refused }) => refused === 0) && !remarks.some(({ isProblem }) => isProblem);
