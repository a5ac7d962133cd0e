import { fixedRows } from '../mapping/deleted-user.ts';
import type { Irregularity, MappingContext, TargetRow } from '../mapping/table-mapping.ts';
import { selectOf, type AnyMapping } from '../copy/copy-table.ts';
import { comparedLine, hasJsonb, writeLine } from '../copy/lines.ts';
import { readRows } from '../copy/read-rows.ts';
import type { Shapes } from '../copy/shapes.ts';
import type { Source } from '../copy/source.ts';

export type SourceSide = {
  source: Source;
  shapes: Shapes;
  context: MappingContext;
};

/** What the mapping makes of one row of the source. */
export type MappedRow = {
  table: string;
  row: { id: string };
  rows: readonly TargetRow[];
  irregularities: readonly Irregularity[];
};

/** The rows that come from no row of the source. */
export const FIXED = 'fixed rows';

/** Reads and maps the source again, in batches. */
export async function* mapAgain(
  { source, context }: SourceSide,
  mappings: readonly AnyMapping[],
): AsyncGenerator<MappedRow[]> {
  yield fixedRows(context).map((row) => ({ table: FIXED, row: { id: '' }, rows: [row], irregularities: [] }));
  for (const mapping of mappings) {
    const select = selectOf(mapping, { after: null, upTo: null });
    for await (const batch of readRows<{ id: string }>(source.client, select))
      yield batch.map((row) => ({ table: mapping.table, row, ...mapping.map(row, context) }));
  }
}

/** The line of a row as it is compared. */
export const expectedLine = ({ shapes }: SourceSide, row: TargetRow): string => {
  const shape = shapes.of(row);
  const line = writeLine(shape, row.values);
  return hasJsonb(shape) ? comparedLine(shape, line) : line;
};
