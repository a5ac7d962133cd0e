import { escapeIdentifier, type Client } from 'pg';
import { comparedLine, hasJsonb, readField, type Shape } from '../copy/lines.ts';
import { copyBlocks } from '../copy/read-rows.ts';

/** Lines of one table by the fields of their keys. */
export type KeyedLines = Map<string, string>;

export const keyOf = (line: string, { keyLength }: Shape): string =>
  line.split('\t').slice(0, keyLength).join('\t');

/** The rows of a table that a condition finds. */
export const readLines = async (
  client: Client,
  table: string,
  shape: Shape,
  where: string,
): Promise<KeyedLines> => {
  const columns = shape.columns.map(({ name }) => escapeIdentifier(name)).join(', ');
  const lines: KeyedLines = new Map();
  const select = `select ${columns} from ${escapeIdentifier(table)} where ${where}`;
  for await (const block of copyBlocks(client, select))
    for (const line of block.toString('utf8').split('\n').slice(0, -1)) lines.set(keyOf(line, shape), line);
  return lines;
};

/** What makes a table's rows equal to those that are wanted. */
export type Plan = { deleted: string[]; changed: string[]; added: string[] };

export const planFor = (found: KeyedLines, wanted: KeyedLines, shape: Shape): Plan => {
  const compared = (line: string): string => (hasJsonb(shape) ? comparedLine(shape, line) : line);
  const plan: Plan = { deleted: [], changed: [], added: [] };
  for (const key of found.keys()) if (!wanted.has(key)) plan.deleted.push(key);
  for (const [key, line] of wanted) {
    const before = found.get(key);
    if (before === undefined) plan.added.push(line);
    else if (compared(before) !== compared(line)) plan.changed.push(line);
  }
  return plan;
};

/** Fields of lines, column by column, as arrays of parameters. */
const valuesOf = (lines: readonly string[], count: number): (string | null)[][] => {
  const fields = lines.map((line) => line.split('\t').map(readField));
  return Array.from({ length: count }, (_, column) => fields.map((one) => one[column] ?? null));
};

const unnest = (count: number): string => {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const parameters = numbers.map((number) => `$${number + 1}::text[]`).join(', ');
  return `unnest(${parameters}) as new (${numbers.map((number) => `v${number}`).join(', ')})`;
};

const matches = ({ columns, keyLength }: Shape): string =>
  columns
    .slice(0, keyLength)
    .map(({ name, type }, index) => `old.${escapeIdentifier(name)} = new.v${index}::${type}`)
    .join(' and ');

/** Deletes rows by their keys. @returns how many there were */
export const deleteRows = async (
  client: Client,
  table: string,
  shape: Shape,
  keys: readonly string[],
): Promise<number> => {
  if (keys.length === 0) return 0;
  const { rowCount } = await client.query(
    `delete from ${escapeIdentifier(table)} old using ${unnest(shape.keyLength)} where ${matches(shape)}`,
    valuesOf(keys, shape.keyLength),
  );
  return rowCount ?? 0;
};

/** Gives rows that are there other values. */
export const changeRows = async (
  client: Client,
  table: string,
  shape: Shape,
  lines: readonly string[],
): Promise<void> => {
  const { columns, keyLength } = shape;
  const values = columns
    .map(({ name, type }, index) => `${escapeIdentifier(name)} = new.v${index}::${type}`)
    .slice(keyLength);
  if (lines.length > 0)
    await client.query(
      `update ${escapeIdentifier(table)} old set ${values.join(', ')}
       from ${unnest(columns.length)} where ${matches(shape)}`,
      valuesOf(lines, columns.length),
    );
};

/** Adds rows. */
export const addRows = async (
  client: Client,
  table: string,
  { columns }: Shape,
  lines: readonly string[],
): Promise<void> => {
  const names = columns.map(({ name }) => escapeIdentifier(name)).join(', ');
  const values = columns.map(({ type }, index) => `v${index}::${type}`).join(', ');
  if (lines.length > 0)
    await client.query(
      `insert into ${escapeIdentifier(table)} (${names}) select ${values} from ${unnest(columns.length)}`,
      valuesOf(lines, columns.length),
    );
};
