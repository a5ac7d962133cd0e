import type { Client } from 'pg';
import type { TargetDatabase, TargetRow } from '../mapping/table-mapping.ts';
import { append, bytesIn, giveBack, takeBlock, type LineBlock } from './line-block.ts';
import { writeLine, type Shape } from './lines.ts';
import { recordFilled, type Filled } from './records.ts';
import type { Shapes } from './shapes.ts';
import { writeLines } from './write-lines.ts';

/** Lines of one table. */
export type Lines = { shape: Shape; count: number; blocks: LineBlock[] };

/** Lines by database and table. */
export type TableLines = ReadonlyMap<TargetDatabase, Map<string, Lines>>;

/** No lines yet; rows of other databases are left out. */
export const linesFor = (databases: readonly TargetDatabase[]): TableLines =>
  new Map(databases.map((database) => [database, new Map()]));

export const addLine = (lines: TableLines, shapes: Shapes, row: TargetRow): void => {
  const tables = lines.get(row.database);
  if (!tables) return;
  let found = tables.get(row.table);
  if (!found) {
    found = { shape: shapes.of(row), count: 0, blocks: [] };
    tables.set(row.table, found);
  }
  const line = writeLine(found.shape, row.values);
  found.count += 1;
  const last = found.blocks.at(-1);
  if (last && append(last, line)) return;
  const block = takeBlock(line);
  append(block, line);
  found.blocks.push(block);
};

export const countLines = (lines: TableLines): number =>
  [...lines.values()].flatMap((tables) => [...tables.values()]).reduce((sum, one) => sum + one.count, 0);

/** Writes the lines of one database, with what is recorded of them, in one transaction. */
export const writeTables = async (
  client: Client,
  tables: ReadonlyMap<string, Lines>,
  record: () => Promise<unknown>,
): Promise<void> => {
  const filled = new Map<string, Filled>();
  // A crash of the server may lose the last transactions, each with its record.
  await client.query('begin; set local synchronous_commit = off');
  for (const [table, { shape, blocks, count }] of tables) {
    await writeLines(client, table, shape, blocks.map(bytesIn));
    filled.set(table, { columns: shape.columns.map(({ name }) => name), rows: count });
  }
  await recordFilled(client, filled);
  await record();
  await client.query('commit');
  for (const { blocks } of tables.values()) giveBack(blocks);
};
