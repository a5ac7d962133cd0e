import { deleteInBatches } from '../../../broker/postgres/delete-in-batches.ts';
import type { Job } from '../../../broker/process/jobs.ts';
import type { AnalyticsService } from '../analytics.ts';
import { purgeDays } from '../persistence/daily-figures.ts';

/** Deletes the figures of days that are older than `ANALYTICS_KEPT_MONTHS`. */
export const purgeFigures: Job<AnalyticsService> = {
  name: 'purge-figures',
  everyMs: 6 * 3_600_000,
  run: async ({ db, clock, config }, signal) => {
    const before = clock.now();
    before.setUTCMonth(before.getUTCMonth() - config.ANALYTICS_KEPT_MONTHS);
    before.setUTCHours(0, 0, 0, 0);
    await deleteInBatches((limit) => purgeDays(db, before, limit), { signal });
  },
};
