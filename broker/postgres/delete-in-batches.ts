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
