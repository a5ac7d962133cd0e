import { escapeLiteral } from 'pg';
import { isWaiting } from '../mapping/notes.ts';
import type {
  Irregularity,
  MappingContext,
  SourceTable,
  TableMapping,
  TargetDatabase,
} from '../mapping/table-mapping.ts';
import { readRows } from './read-rows.ts';
import { readProgress, recordBatch } from './records.ts';
import type { Shapes } from './shapes.ts';
import type { Source } from './source.ts';
import { addLine, countLines, linesFor, writeTables, type TableLines } from './table-lines.ts';
import { targetOf, type Target } from './targets.ts';

export type AnyMapping = TableMapping<{ id: string }>;

export type Copying = {
  source: Source;
  targets: readonly Target[];
  shapes: Shapes;
  context: MappingContext;
  /** How many rows of the source are written in one transaction, and some more. */
  batchRows: number;
  /** Called after each batch. */
  onBatch(batch: { rows: number; written: number }): void;
  onIrregularity(irregularity: Irregularity): void;
};

/** Keys after the first, up to the second; null for the beginning and the end. */
type Range = { after: string | null; upTo: string | null; databases: readonly TargetDatabase[] };

type Batch = { table: SourceTable; rows: number; lastKey: string; waiting: string[]; lines: TableLines };

export const databasesOf = ({ targets }: AnyMapping): TargetDatabase[] => [
  ...new Set(targets.map(({ database }) => database)),
];

/** Rows of the source as their mapping reads them, in the order of its keys. */
const selectOf = ({ select, key }: AnyMapping, { after, upTo }: Omit<Range, 'databases'>): string => {
  const conditions = [
    ...(after === null ? [] : [`${key} > ${escapeLiteral(after)}`]),
    ...(upTo === null ? [] : [`${key} <= ${escapeLiteral(upTo)}`]),
  ];
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  return `${select} ${where} order by ${key}`;
};

/**
 * What is left to do. A run that was killed has committed its last batches in some databases only: those that
 * are behind catch up first, one after the other.
 */
const rangesLeft = async (mapping: AnyMapping, targets: readonly Target[]): Promise<Range[]> => {
  const found = await Promise.all(
    databasesOf(mapping).map(async (database) => {
      const progress = (await readProgress(targetOf(targets, database).client)).get(mapping.table);
      return { database, lastKey: progress?.lastKey ?? null, rows: progress?.rows ?? 0 };
    }),
  );
  const steps = [...Map.groupBy(found, ({ rows }) => rows)]
    .toSorted(([a], [b]) => a - b)
    .map(([, group]) => group);
  return steps.map((group, index) => ({
    after: group[0]?.lastKey ?? null,
    upTo: steps[index + 1]?.[0]?.lastKey ?? null,
    databases: steps.slice(0, index + 1).flatMap((one) => one.map(({ database }) => database)),
  }));
};

/** Maps the rows of a range, and puts them together in batches. */
async function* mappedBatches(mapping: AnyMapping, range: Range, copying: Copying): AsyncGenerator<Batch> {
  const { source, shapes, context, batchRows, onIrregularity } = copying;
  const newBatch = (): Batch => ({
    table: mapping.table,
    rows: 0,
    lastKey: '',
    waiting: [],
    lines: linesFor(range.databases),
  });
  let batch = newBatch();
  for await (const rows of readRows<{ id: string }>(source.client, selectOf(mapping, range))) {
    for (const row of rows) {
      const mapped = mapping.map(row, context);
      mapped.irregularities.forEach(onIrregularity);
      if (isWaiting(mapped)) batch.waiting.push(row.id);
      for (const one of mapped.rows) addLine(batch.lines, shapes, one);
      batch.rows += 1;
      batch.lastKey = row.id;
    }
    if (batch.rows < batchRows) continue;
    yield batch;
    batch = newBatch();
  }
  if (batch.rows > 0) yield batch;
}

/** Copies what is left of a table of the source. */
export const copyTable = async (mapping: AnyMapping, copying: Copying): Promise<void> => {
  const { targets, onBatch } = copying;
  for (const range of await rangesLeft(mapping, targets)) {
    let writing: Promise<unknown> = Promise.resolve();
    for await (const batch of mappedBatches(mapping, range, copying)) {
      // The servers store one batch while the next one is read and mapped.
      await writing;
      writing = Promise.all(
        [...batch.lines].map(([database, tables]) => {
          const { client } = targetOf(targets, database);
          return writeTables(client, tables, () => recordBatch(client, batch));
        }),
      ).then(() => onBatch({ rows: batch.rows, written: countLines(batch.lines) }));
      writing.catch(() => undefined);
    }
    await writing;
  }
};
