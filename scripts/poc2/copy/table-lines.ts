import type { Client } from 'pg';
import type { TargetDatabase, TargetRow } from '../mapping/table-mapping.ts';
import { writeLine, type Shape } from './lines.ts';
import { recordFilled, type Filled } from './records.ts';
import type { Shapes } from './shapes.ts';
import { writeLines } from './write-lines.ts';

/** Lines of one table: the last ones as text, the others as bytes, which the heap does not hold. */
export type Lines = { shape: Shape; count: number; text: string; blocks: Buffer[] };

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
    found = { shape: shapes.of(row), count: 0, text: '', blocks: [] };
    tables.set(row.table, found);
  }
  found.text += `${writeLine(found.shape, row.values)}\n`;
  found.count += 1;
};

/** Turns texts into bytes: after each small batch of rows. */
export const toBytes = (lines: TableLines): void => {
  for (const tables of lines.values())
    for (const one of tables.values()) {
      if (one.text !== '') one.blocks.push(Buffer.from(one.text));
      one.text = '';
    }
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
    await writeLines(client, table, shape, blocks);
    filled.set(table, { columns: shape.columns.map(({ name }) => name), rows: count });
  }
  await recordFilled(client, filled);
  await record();
  await client.query('commit');
};
