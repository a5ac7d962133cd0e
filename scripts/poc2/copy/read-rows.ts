import { types, type Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { readField } from './lines.ts';

const LINE_END = 10;

/** The lines of `COPY … TO STDOUT`, in blocks of whole lines. */
export async function* copyBlocks(client: Client, select: string): AsyncGenerator<Buffer> {
  let rest: Buffer | null = null;
  for await (const chunk of client.query(copyTo(`copy (${select}) to stdout`)) as AsyncIterable<Buffer>) {
    const whole: Buffer = rest ? Buffer.concat([rest, chunk]) : chunk;
    const end = whole.lastIndexOf(LINE_END) + 1;
    rest = end < whole.length ? whole.subarray(end) : null;
    if (end > 0) yield whole.subarray(0, end);
  }
}

type Row = Record<string, unknown>;
type Field = { name: string; isJson: boolean };

const JSON_TYPES: readonly number[] = [types.builtins.JSON, types.builtins.JSONB];

const rowOf = (line: string, fields: readonly Field[]): Row => {
  const row: Row = {};
  let start = 0;
  for (const { name, isJson } of fields) {
    const tab = line.indexOf('\t', start);
    const end = tab < 0 ? line.length : tab;
    const text = readField(line.slice(start, end));
    row[name] = text !== null && isJson ? JSON.parse(text) : text;
    start = end + 1;
  }
  return row;
};

function* rowsIn<R>(text: string, fields: readonly Field[]): Generator<R> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    yield rowOf(text.slice(start, end), fields) as R;
    start = end + 1;
  }
}

/**
 * The rows of a select, in small batches, each to be gone through once. A row is made when it is asked for:
 * with all that comes of it, it is garbage before the next one.
 * @param select without parameters; its columns are text and JSON
 */
export async function* readRows<R>(client: Client, select: string): AsyncGenerator<Iterable<R>> {
  const { fields: described } = await client.query(`select * from (${select}) as described limit 0`);
  const fields = described.map(({ name, dataTypeID }) => ({ name, isJson: JSON_TYPES.includes(dataTypeID) }));
  for await (const block of copyBlocks(client, select)) yield rowsIn<R>(block.toString('utf8'), fields);
}
