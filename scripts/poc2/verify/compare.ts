import type { Say } from '../../backup/progress.ts';
import type { TargetRow } from '../mapping/table-mapping.ts';
import type { AnyMapping } from '../copy/copy-table.ts';
import type { Shape } from '../copy/lines.ts';
import { tableKey, type Target, type TargetTable } from '../copy/targets.ts';
import { addLines, newChecksum, type Checksum } from './checksum.ts';
import { expectedLine, mapAgain, type MappedRow, type SourceSide } from './source-side.ts';
import { foundLines } from './target-side.ts';

export type ComparedTable = TargetTable & { shape: Shape; expected: Checksum; found: Checksum };

export type Comparing = {
  side: SourceSide;
  targets: readonly Target[];
  mappings: readonly AnyMapping[];
  tables: readonly (TargetTable & { shape: Shape })[];
  /** Sees each mapped row once. */
  onMapped(mapped: MappedRow): void;
  say: Say;
};

/** Lines by table, in order to be added as a block. */
const collect = (
  side: SourceSide,
  batch: readonly MappedRow[],
): Map<string, { row: TargetRow; lines: string }> => {
  const blocks = new Map<string, { row: TargetRow; lines: string }>();
  for (const { rows } of batch)
    for (const row of rows) {
      const key = tableKey(row);
      const line = `${expectedLine(side, row)}\n`;
      const block = blocks.get(key);
      if (block) block.lines += line;
      else blocks.set(key, { row, lines: line });
    }
  return blocks;
};

const addExpected = async (comparing: Comparing, checksums: ReadonlyMap<string, Checksum>): Promise<void> => {
  const { side, mappings, onMapped, say } = comparing;
  let rows = 0;
  for await (const batch of mapAgain(side, mappings)) {
    batch.forEach(onMapped);
    for (const [key, { row, lines }] of collect(side, batch)) {
      const checksum = checksums.get(key);
      if (!checksum) throw new Error(`${key} is none of the tables that its mapping names`);
      addLines(checksum, Buffer.from(lines), side.shapes.of(row).keyLength);
    }
    rows += batch.length;
    say(`${rows} rows of the source are mapped again`);
  }
};

const addFound = async ({ targets, tables }: Comparing, checksums: ReadonlyMap<string, Checksum>) => {
  for (const { shape, ...table } of tables) {
    const checksum = checksums.get(tableKey(table)) as Checksum;
    for await (const block of foundLines(targets, table, shape)) addLines(checksum, block, shape.keyLength);
  }
};

/** Computes the checksums of all tables on both sides, in one pass over each. */
export const compareTables = async (comparing: Comparing): Promise<ComparedTable[]> => {
  const empty = () => new Map(comparing.tables.map((table) => [tableKey(table), newChecksum()]));
  const [expected, found] = [empty(), empty()];
  await Promise.all([addExpected(comparing, expected), addFound(comparing, found)]);
  return comparing.tables.map((table) => {
    const key = tableKey(table);
    return { ...table, expected: expected.get(key) as Checksum, found: found.get(key) as Checksum };
  });
};
