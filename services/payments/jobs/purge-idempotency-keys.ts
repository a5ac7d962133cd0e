import type { PaymentsService } from '../payments.ts';
import { purgeKeys } from '../persistence/open-payment.ts';

/** Promised are 24 hours; a week lets a client that was away for a weekend try again safely. */
const KEEP_MS = 7 * 24 * 3_600_000;
const EVERY_MS = 3_600_000;

/** Forgets old idempotency keys in the background; returns what ends it. */
export const startPurgingKeys = ({ db, clock, log }: PaymentsService): (() => void) => {
  const timer = setInterval(() => {
    purgeKeys(db, new Date(clock.nowMs() - KEEP_MS)).catch((error: unknown) => {
      log.warn({ err: error }, 'old idempotency keys were not forgotten');
    });
  }, EVERY_MS).unref();
  return () => clearInterval(timer);
};
