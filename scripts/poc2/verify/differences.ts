import { tableKey } from '../copy/targets.ts';
import { eachLine, unequalBuckets } from './checksum.ts';
import type { ComparedTable, Comparing } from './compare.ts';
import { expectedLine, mapAgain } from './source-side.ts';
import { foundLines } from './target-side.ts';
import type { Shape } from '../copy/lines.ts';

/** A row that is not as it should be. Values are not shown: they may be secret. */
export type Difference = {
  table: string;
  /** The values of its key. */
  id: string;
  what: string;
  /** Table and id of the row of the source; null when there is none. */
  source: string | null;
};

/** Rows of which lines are kept at once. */
const KEPT_ROWS = 100_000;

/** A hash of a token names its row by its first digits. */
const SHOWN_HEX = 10;

const fieldsOf = (line: string): string[] => line.split('\t');
const keyOf = (line: string, { keyLength }: Shape): string => fieldsOf(line).slice(0, keyLength).join('\t');

const shownKey = (line: string, { keyLength, columns }: Shape): string =>
  fieldsOf(line)
    .slice(0, keyLength)
    .map((field, index) => (columns[index]?.type === 'bytea' ? `${field.slice(1, 1 + SHOWN_HEX)}…` : field))
    .join(' ');

const changedColumns = (expected: string, found: string, { columns }: Shape): string => {
  const fields = fieldsOf(found);
  const names = fieldsOf(expected).flatMap((field, index) =>
    field === fields[index] ? [] : (columns[index]?.name ?? ''),
  );
  return `differs in ${names.join(', ')}`;
};

type Part = { table: ComparedTable; buckets: ReadonlySet<number> };
type Expected = { line: string; source: string | null };

/** Unequal buckets in parts, each small enough to keep its rows in memory. */
const partsOf = (tables: readonly ComparedTable[]): Part[][] => {
  const parts: Part[][] = [];
  let rows = Infinity;
  for (const table of tables)
    for (const [bucket, count] of unequalBuckets(table.expected, table.found)) {
      if (rows + count > KEPT_ROWS) {
        parts.push([]);
        rows = 0;
      }
      const part = parts.at(-1) as { table: ComparedTable; buckets: Set<number> }[];
      const last = part.at(-1);
      if (last?.table === table) last.buckets.add(bucket);
      else part.push({ table, buckets: new Set([bucket]) });
      rows += count;
    }
  return parts;
};

const bucketOf = (line: string, { keyLength }: Shape): number => {
  let found = -1;
  eachLine(Buffer.from(`${line}\n`), keyLength, (_start, _end, bucket) => {
    found = bucket;
  });
  return found;
};

/** The lines that a part should have, by table and key. */
const expectedIn = async (part: readonly Part[], { side, mappings }: Comparing) => {
  const expected = new Map(part.map(({ table }) => [tableKey(table), new Map<string, Expected>()]));
  const byTable = new Map(part.map((one) => [tableKey(one.table), one]));
  const wanted = mappings.filter(({ targets }) => targets.some((one) => byTable.has(tableKey(one))));
  for await (const batch of mapAgain(side, wanted))
    for (const { table, row, rows } of batch)
      for (const one of rows) {
        const key = tableKey(one);
        const { buckets } = byTable.get(key) ?? {};
        if (!buckets) continue;
        const line = expectedLine(side, one);
        const shape = side.shapes.of(one);
        if (!buckets.has(bucketOf(line, shape))) continue;
        const source = row.id === '' ? null : `${table} ${row.id}`;
        expected.get(key)?.set(keyOf(line, shape), { line, source });
      }
  return expected;
};

async function* differencesIn(part: readonly Part[], comparing: Comparing): AsyncGenerator<Difference> {
  const expected = await expectedIn(part, comparing);
  for (const { table, buckets } of part) {
    const { shape } = table;
    const name = tableKey(table);
    const left = expected.get(name) ?? new Map<string, Expected>();
    for await (const block of foundLines(comparing.targets, table, shape)) {
      const lines: string[] = [];
      eachLine(block, shape.keyLength, (start, end, bucket) => {
        if (buckets.has(bucket)) lines.push(block.toString('utf8', start, end));
      });
      for (const line of lines) {
        const key = keyOf(line, shape);
        const one = left.get(key);
        left.delete(key);
        const id = shownKey(line, shape);
        if (!one) yield { table: name, id, what: 'is not expected', source: null };
        else if (one.line !== line) {
          const what = changedColumns(one.line, line, shape);
          yield { table: name, id, what, source: one.source };
        }
      }
    }
    for (const { line, source } of left.values())
      yield { table: name, id: shownKey(line, shape), what: 'is missing', source };
  }
}

/** Every row that differs, one by one. Reads both sides again for each part of the unequal buckets. */
export async function* differencesOf(
  tables: readonly ComparedTable[],
  comparing: Comparing,
): AsyncGenerator<Difference> {
  for (const part of partsOf(tables)) yield* differencesIn(part, comparing);
}
