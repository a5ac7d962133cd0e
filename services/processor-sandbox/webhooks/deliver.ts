import { createRequire } from 'node:module';
import type { Stripe } from 'stripe';
import { eventObject } from '../http/objects.ts';
import type { WebhookEvent } from '../persistence/webhook-events.ts';
import {
  claimDueWebhookEvents,
  markDelivered,
  markUndelivered,
  readWebhookEvents,
  type DueWebhookEvent,
} from '../persistence/webhook-events.ts';
import type { Sandbox } from '../processor-sandbox.ts';

/** As CommonJS: as 218 ECMAScript modules it takes 10 MB and a tenth of a second more. */
const { webhooks } = createRequire(import.meta.url)('stripe') as typeof Stripe;

const ANSWER_TIMEOUT_MS = 10_000;
/** Longer than any delivery, so that no other process claims an event in delivery. */
const LEASE_MS = 20_000;
const AT_ONCE = 20;
const DELAYS_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 60_000, 120_000] as const;

/** How long to wait after the given attempt (the first is 1); null after the last. */
const delayAfterMs = (attempt: number): number | null => DELAYS_MS[attempt - 1] ?? null;

/** Sends it once. Null when it was taken, else what went wrong. */
const send = async ({ config, clock }: Sandbox, event: WebhookEvent): Promise<string | null> => {
  const payload = JSON.stringify(eventObject(event));
  const signature = webhooks.generateTestHeaderString({
    payload,
    secret: config.webhookSecret,
    timestamp: Math.floor(clock.nowMs() / 1_000),
  });
  try {
    const response = await fetch(config.webhookUrl, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'Stripe-Signature': signature,
      },
      body: payload,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? null : `HTTP ${response.status}`;
  } catch (error) {
    const cause = (error as Error).cause as { code?: string } | undefined;
    return cause?.code ?? (error as Error).name;
  }
};

/** Delivers what is due, many at a time. True when there may be more. */
export const deliverDue = async (sandbox: Sandbox): Promise<boolean> => {
  const due = await claimDueWebhookEvents(sandbox.db, {
    now: sandbox.clock.now(),
    leaseMs: LEASE_MS,
    limit: AT_ONCE,
  });
  if (due.length === 0) return false;
  const results = await Promise.all(due.map(async (event) => ({ event, error: await send(sandbox, event) })));
  const taken = results.filter(({ error }) => error === null).map(({ event }) => event.id);
  if (taken.length > 0) await markDelivered(sandbox.db, taken, sandbox.clock.now());
  for (const { event, error } of results) if (error !== null) await postpone(sandbox, event, error);
  return due.length === AT_ONCE || due.some((event) => event.deliveriesLeft > 1);
};

const postpone = async (
  { db, clock, log }: Sandbox,
  event: DueWebhookEvent,
  error: string,
): Promise<void> => {
  const delayMs = delayAfterMs(event.attempts);
  const nextAttemptAt = delayMs === null ? null : new Date(clock.nowMs() + delayMs);
  if (nextAttemptAt === null) log.warn({ event: event.id, error }, 'a webhook event was given up');
  await markUndelivered(db, { id: event.id, error, nextAttemptAt });
};

/** Delivers these events at once; those that fail stay due. */
export const deliverNow = async (sandbox: Sandbox, ids: string[]): Promise<void> => {
  for (const event of await readWebhookEvents(sandbox.db, ids)) {
    if ((await send(sandbox, event)) === null)
      await markDelivered(sandbox.db, [event.id], sandbox.clock.now());
  }
};
