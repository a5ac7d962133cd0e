import { worker, type Worker } from '../../../broker/process/worker.ts';
import type { AnalyticsService } from '../analytics.ts';
import { addFigures } from '../persistence/daily-figures.ts';

/** What a process that dies loses at most. */
const EVERY_MS = 2_000;
/** `db.wake(FIGURES)` writes now. */
export const FIGURES = 'figures';

/**
 * Writes what was collected, every two seconds and when the process stops. While the database is away,
 * figures stay in memory, where they do not grow with the number of requests. A statement whose answer is
 * lost is repeated: then a batch may count twice.
 */
export const startWriter = (service: AnalyticsService): Worker => {
  const { db, log, state } = service;
  const write = async (): Promise<boolean> => {
    const rows = state.collected.take();
    if (rows.length === 0) return false;
    try {
      await addFigures(db, rows);
    } catch (error) {
      state.collected.putBack(rows);
      throw error;
    }
    return false;
  };
  const loop = worker({ name: 'write-figures', work: FIGURES, db, pollMs: EVERY_MS, log, run: write });
  return {
    wake: loop.wake,
    stop: async () => {
      await loop.stop();
      await write().catch((error: unknown) => log.warn({ err: error }, 'the last figures were not written'));
    },
  };
};
