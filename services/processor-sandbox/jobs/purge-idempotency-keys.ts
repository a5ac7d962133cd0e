import type { Job } from '../../../broker/process/jobs.ts';
import type { Service } from '../../../broker/process/service.ts';
import { deleteSavedBefore } from '../persistence/idempotency.ts';

/** Stripe keeps idempotency keys for at least 24 hours. */
const KEPT_MS = 48 * 3_600_000;

export const purgeIdempotencyKeys: Job<Pick<Service, 'db' | 'clock'>> = {
  name: 'purge-idempotency-keys',
  everyMs: 3_600_000,
  run: async ({ db, clock }) => void (await deleteSavedBefore(db, new Date(clock.nowMs() - KEPT_MS))),
};
