import pRetry from 'p-retry';
import { isAppError } from '../calls/errors.ts';
import type { Job } from '../process/jobs.ts';
import type { Service } from '../process/service.ts';
import { compareCopy, sourceOf, type Copy, type Difference } from './copy.ts';

const EVERY_MS = 24 * 3_600_000;
/** A service may start minutes before the one that it copies. */
const WAIT_FOR_SOURCE = { retries: 30, factor: 1, minTimeout: 10_000 } as const;
const IDS_SHOWN = 5;

/** For example `parties: 2 stale, 1 missing (usr_…, usr_…)`. */
export const describeDifferences = (table: string, differences: readonly Difference[]): string => {
  const counts = Object.entries(Object.groupBy(differences, ({ kind }) => kind)).map(
    ([kind, all]) => `${all.length} ${kind}`,
  );
  const ids = differences.slice(0, IDS_SHOWN).map(({ id }) => id);
  return `${table}: ${counts.join(', ')} (${ids.join(', ')}${differences.length > IDS_SHOWN ? ', …' : ''})`;
};

/** Runs daily, and fails with what it found while a copy differs from its source. */
export const compareJob = (
  copies: readonly Copy[],
  options?: { settleMs: number },
): Job<Pick<Service, 'db' | 'call'>> => ({
  name: 'compare-copies',
  everyMs: EVERY_MS,
  run: async ({ db, call }, signal) => {
    const found: string[] = [];
    for (const copy of copies) {
      const differences = await pRetry(
        () => compareCopy(copy, db, sourceOf(copy, call), { ...options, signal }),
        {
          ...WAIT_FOR_SOURCE,
          signal,
          shouldRetry: ({ error }) =>
            isAppError(error) && (error.code === 'unavailable' || error.code === 'timeout'),
        },
      );
      if (differences.length > 0) found.push(describeDifferences(copy.table, differences));
    }
    if (found.length === 0) return;
    throw new Error(`npm run copies -- rebuild mends what differs from its source: ${found.join('; ')}`);
  },
});
