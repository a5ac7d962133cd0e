import type { Queryable } from './database.ts';

/** Small batches hold their locks only briefly. */
const BATCH = 1_000;
/** What is left then is deleted by the job's next run. */
const RUN_MAX_MS = 300_000;

/** Deletes at most `limit` rows, which it finds by an index; returns their number. */
export type DeleteBatch = (limit: number) => Promise<number>;

/**
 * Deletes rows batch by batch, until none is left, the time is over, or the process stops.
 * @returns the number of deleted rows
 */
export const deleteInBatches = async (
  deleteBatch: DeleteBatch,
  options: { signal?: AbortSignal | undefined; batchSize?: number | undefined; maxMs?: number } = {},
): Promise<number> => {
  const { signal, batchSize = BATCH, maxMs = RUN_MAX_MS } = options;
  const endMs = performance.now() + maxMs;
  let deleted = 0;
  for (;;) {
    const batch = await deleteBatch(batchSize);
    deleted += batch;
    if (batch < batchSize || signal?.aborted || performance.now() >= endMs) return deleted;
  }
};

/** Deletes at most `limit` rows older than `before`, which it finds by an index; returns how many. */
export type Purge = (db: Queryable, before: Date, limit: number) => Promise<number>;

/**
 * A purge of a table, oldest rows first. Rows that another transaction has locked are left for the next run.
 * @param source.key the columns of the primary key
 * @param source.age the indexed column of the rows' age
 * @param source.where a condition that all deleted rows meet
 */
export const purgeOf =
  ({ table, key, age, where = 'true' }: { table: string; key: string; age: string; where?: string }): Purge =>
  async (db, before, limit) => {
    const deleted = await db.query(
      `delete from ${table} where (${key}) in (
         select ${key} from ${table} where ${age} < $1 and ${where}
         order by ${age} limit $2 for update skip locked
       ) returning 1`,
      [before, limit],
    );
    return deleted.length;
  };
