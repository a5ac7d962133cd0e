import { escapeIdentifier } from 'pg';
import { comparedLine, hasJsonb, type Shape } from '../copy/lines.ts';
import { copyBlocks } from '../copy/read-rows.ts';
import { tableKey, targetOf, type Target, type TargetTable } from '../copy/targets.ts';

/** Where to find rows that the system itself moves: admin seals an entry by moving it into its chain. */
const MOVED: Readonly<Record<string, string>> = {
  'admin.unsealed': '(select entry_id from unsealed union all select entry_id from chain) as unsealed',
};

/** The lines of a table as they are compared, in blocks of whole lines. */
export async function* foundLines(
  targets: readonly Target[],
  { database, table }: TargetTable,
  shape: Shape,
): AsyncGenerator<Buffer> {
  const columns = shape.columns.map(({ name }) => escapeIdentifier(name)).join(', ');
  const from = MOVED[tableKey({ database, table })] ?? escapeIdentifier(table);
  const select = `select ${columns} from ${from}`;
  for await (const block of copyBlocks(targetOf(targets, database).client, select)) {
    if (!hasJsonb(shape)) yield block;
    else {
      const lines = block.toString('utf8').split('\n').slice(0, -1);
      yield Buffer.from(lines.map((line) => `${comparedLine(shape, line)}\n`).join(''));
    }
  }
}
