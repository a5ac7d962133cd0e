import { purgeJob, type PurgeJob } from '../../../broker/process/purge-job.ts';
import { purgeKeys } from '../persistence/idempotency.ts';
import { purgeWebhookEvents } from '../persistence/webhook-events.ts';

const DAY_MS = 24 * 3_600_000;
/** Stripe keeps idempotency keys for at least 24 hours. */
const KEYS_KEPT_MS = 2 * DAY_MS;
/** Stripe lists the events of the last 30 days (https://docs.stripe.com/api/events). */
const EVENTS_KEPT_MS = 30 * DAY_MS;

export const purgeJobs: readonly PurgeJob[] = [
  purgeJob('purge-idempotency-keys', KEYS_KEPT_MS, purgeKeys),
  purgeJob('purge-webhook-events', EVENTS_KEPT_MS, purgeWebhookEvents),
];
