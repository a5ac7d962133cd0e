import type { Database } from '../postgres/database.ts';
import { deleteInBatches, type Purge } from '../postgres/delete-in-batches.ts';
import type { Clock } from './clock.ts';
import type { Job } from './jobs.ts';

export type PurgeJob = Job<{ db: Database; clock: Clock }>;

const EVERY_MS = 3_600_000;

/** An hourly job that deletes rows older than `keptMs`, in batches. */
export const purgeJob = (name: string, keptMs: number, purge: Purge, batchSize?: number): PurgeJob => ({
  name,
  everyMs: EVERY_MS,
  run: async ({ db, clock }, signal) => {
    const before = new Date(clock.nowMs() - keptMs);
    await deleteInBatches((limit) => purge(db, before, limit), { signal, batchSize });
  },
});
