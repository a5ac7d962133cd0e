import { deleteInBatches } from './delete-in-batches.ts';

/** Rows to delete, and the sizes of the batches that were deleted. */
const table = (rows: number, afterBatch = () => undefined as void) => {
  const batches: number[] = [];
  const deleteBatch = async (limit: number) => {
    const batch = Math.min(rows, limit);
    rows -= batch;
    batches.push(batch);
    afterBatch();
    return batch;
  };
  return { batches, deleteBatch };
};

describe('rows are deleted in batches', () => {
  it('until none is left', async () => {
    const { batches, deleteBatch } = table(25);
    expect(await deleteInBatches(deleteBatch, { batchSize: 10 })).toBe(25);
    expect(batches).toEqual([10, 10, 5]);
  });

  it('until the time is over; the next run continues', async () => {
    const { batches, deleteBatch } = table(15);
    expect(await deleteInBatches(deleteBatch, { batchSize: 10, maxMs: 0 })).toBe(10);
    expect(await deleteInBatches(deleteBatch, { batchSize: 10, maxMs: 0 })).toBe(5);
    expect(batches).toEqual([10, 5]);
  });

  it('until the process stops', async () => {
    const stopping = new AbortController();
    const { batches, deleteBatch } = table(30, () => stopping.abort());
    await deleteInBatches(deleteBatch, { batchSize: 10, signal: stopping.signal });
    expect(batches).toEqual([10]);
  });
});
