import { escapeIdentifier } from 'pg';
import type { Database } from '../postgres/database.ts';
import type { CopiedRow, Copy, Difference, ReadSource } from './copy.ts';

const BATCH = 100;

/**
 * Gives rows of a copy the values of the source. Rows that the source does not have stay: other rows of the
 * service may refer to them.
 * @returns the number of rows that were written
 */
export const rebuildRows = async (
  { table, save }: Copy,
  db: Database,
  read: ReadSource,
  differences: readonly Difference[],
): Promise<number> => {
  const wrong = differences.filter(({ kind }) => kind !== 'unknown');
  for (let start = 0; start < wrong.length; start += BATCH) {
    const part = wrong.slice(start, start + BATCH);
    const { items } = await read({ ids: part.map(({ id }) => id) });
    const source = new Map(items.map((row) => [row.id, row]));
    await db.transaction(async (tx) => {
      for (const { id, kind } of part) {
        const row: CopiedRow | undefined = source.get(id);
        if (!row) continue;
        // An event saves newer versions only.
        if (kind === 'different' || kind === 'ahead')
          await tx.query(`update ${escapeIdentifier(table)} set version = 0 where id = $1`, [id]);
        await save(tx, row as never);
      }
    });
  }
  return wrong.length;
};
