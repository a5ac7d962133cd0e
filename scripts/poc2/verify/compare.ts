import type { Say } from '../../backup/progress.ts';
import type { TargetRow } from '../mapping/table-mapping.ts';
import type { AnyMapping } from '../copy/copy-table.ts';
import { append, bytesIn, giveBack, takeBlock } from '../copy/line-block.ts';
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
  /** Called when all tables of a database are read; other databases may not be. */
  onRead(target: Target): Promise<void>;
  say: Say;
};

/** Adds the expected rows of one table to its checksum, some lines at a time. */
const collectLines = (side: SourceSide, checksum: Checksum, { keyLength }: Shape) => {
  let block = takeBlock('');
  const flush = (): void => {
    addLines(checksum, bytesIn(block), keyLength);
    giveBack([block]);
  };
  return {
    add: (row: TargetRow): void => {
      const line = expectedLine(side, row);
      if (append(block, line)) return;
      flush();
      block = takeBlock(line);
      append(block, line);
    },
    flush,
  };
};

type Collected = ReturnType<typeof collectLines>;

const addExpected = async (comparing: Comparing, checksums: ReadonlyMap<string, Checksum>): Promise<void> => {
  const { side, targets, mappings, onMapped, say } = comparing;
  const tables = new Map(targets.map(({ database }) => [database, new Map<string, Collected>()]));
  for (const table of comparing.tables) {
    const checksum = checksums.get(tableKey(table)) as Checksum;
    tables.get(table.database)?.set(table.table, collectLines(side, checksum, table.shape));
  }
  let rows = 0;
  for await (const batch of mapAgain(side, mappings)) {
    for (const mapped of batch) {
      onMapped(mapped);
      for (const row of mapped.rows) {
        const table = tables.get(row.database)?.get(row.table);
        if (!table) throw new Error(`${tableKey(row)} is none of the tables that its mapping names`);
        table.add(row);
      }
      rows += 1;
    }
    say(`${rows} rows of the source are mapped again`);
  }
  for (const collected of tables.values()) for (const { flush } of collected.values()) flush();
};

/** Reads the databases side by side. */
const addFound = async (comparing: Comparing, checksums: ReadonlyMap<string, Checksum>): Promise<void> => {
  const { targets, tables, onRead } = comparing;
  const read = async (target: Target): Promise<void> => {
    for (const { shape, ...table } of tables.filter(({ database }) => database === target.database)) {
      const checksum = checksums.get(tableKey(table)) as Checksum;
      for await (const block of foundLines(targets, table, shape)) addLines(checksum, block, shape.keyLength);
    }
    await onRead(target);
  };
  await Promise.all(targets.map(read));
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
