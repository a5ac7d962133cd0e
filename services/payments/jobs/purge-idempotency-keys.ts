import type { Job } from '../../../broker/process/jobs.ts';
import type { PaymentsService } from '../payments.ts';
import { purgeKeys } from '../persistence/idempotency.ts';

/** The contract promises 24 hours; a week lets a client that was offline over a weekend retry safely. */
const KEPT_MS = 7 * 24 * 3_600_000;
/** Small batches hold their locks only briefly. */
const BATCH = 1_000;

export const purgeIdempotencyKeys: Job<Pick<PaymentsService, 'db' | 'clock'>> = {
  name: 'purge-idempotency-keys',
  everyMs: 3_600_000,
  run: async ({ db, clock }) => {
    const before = new Date(clock.nowMs() - KEPT_MS);
    while ((await purgeKeys(db, before, BATCH)) === BATCH);
  },
};
