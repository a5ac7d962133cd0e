import { fixedRows } from '../mapping/deleted-user.ts';
import type { Irregularity, MappingContext, TargetRow } from '../mapping/table-mapping.ts';
import type { AnyMapping } from '../copy/copy-table.ts';
import { writeComparedLine } from '../copy/lines.ts';
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

function* mapEach(mapping: AnyMapping, rows: Iterable<{ id: string }>, context: MappingContext) {
  for (const row of rows) yield { table: mapping.table, row, ...mapping.map(row, context) };
}

/** Reads and maps the source again, in batches, each to be gone through once. */
export async function* mapAgain(
  { source, context }: SourceSide,
  mappings: readonly AnyMapping[],
): AsyncGenerator<Iterable<MappedRow>> {
  yield fixedRows(context).map((row) => ({ table: FIXED, row: { id: '' }, rows: [row], irregularities: [] }));
  // In no order: that would take longer.
  for (const mapping of mappings)
    for await (const batch of readRows<{ id: string }>(source.client, mapping.select))
      yield mapEach(mapping, batch, context);
}

/** The line of a row as it is compared. */
export const expectedLine = ({ shapes }: SourceSide, row: TargetRow): string =>
  writeComparedLine(shapes.of(row), row.values);
