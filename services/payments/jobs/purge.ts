import { purgeJob, type PurgeJob } from '../../../broker/process/purge-job.ts';
import { purgeKeys } from '../persistence/idempotency.ts';
import { purgeWebhooks } from '../persistence/processor-webhooks.ts';

const DAY_MS = 24 * 3_600_000;
/** The contract promises 24 hours; a week lets a client that was offline over a weekend retry safely. */
const KEYS_KEPT_MS = 7 * DAY_MS;
/**
 * Stripe retries a webhook for three days and resends one on request for 30 days
 * (https://docs.stripe.com/webhooks). A later repetition only makes its payment due once more.
 */
const WEBHOOKS_KEPT_MS = 30 * DAY_MS;

export const purgeJobs: readonly PurgeJob[] = [
  purgeJob('purge-idempotency-keys', KEYS_KEPT_MS, purgeKeys),
  purgeJob('purge-processor-webhooks', WEBHOOKS_KEPT_MS, purgeWebhooks),
];
