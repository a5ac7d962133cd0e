import { currentTrace } from '../../../broker/calls/request-context.ts';
import type { Handler } from '../../../broker/calls/implement.ts';
import { parseTraceparent } from '../../../broker/telemetry/trace-context.ts';
import { startSpan } from '../../../broker/telemetry/tracing.ts';
import type { PaymentId } from '../../../shared/contracts/ids.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { saveIntent } from '../persistence/operations.ts';
import { saveWebhook } from '../persistence/processor-webhooks.ts';
import { parseWebhook } from '../processor/client.ts';
import { DRIVER_WORK } from '../processor/driver.ts';

const TOLERANCE_S = 300;
/** Webhooks of a PaymentIntent that holds money. */
const HOLDING: ReadonlySet<string> = new Set([
  'payment_intent.amount_capturable_updated',
  'payment_intent.processing',
  'payment_intent.succeeded',
]);

/**
 * Receives a webhook. It only signals that something changed: the driver then reads the payment from the
 * processor, so a webhook may arrive twice, late, out of order or never.
 */
export const processorWebhook: Handler<PaymentsService, typeof payments.actions.processorWebhook> = async (
  service,
  call,
) => {
  const { body, signature } = call.params;
  const startAtMs = performance.timeOrigin + performance.now();
  const webhook = parseWebhook(
    body,
    signature,
    service.config.STRIPE_WEBHOOK_SECRET,
    TOLERANCE_S,
    service.clock.nowMs(),
  );
  const { db, clock } = service;
  const { isDue, isKnown, traceparent } = await saveWebhook(db, webhook, clock.now());
  const { type, paymentId, intentId } = webhook;
  // A request whose answer was an error may have reserved the money all the same.
  if (!isKnown && paymentId && intentId && HOLDING.has(type)) {
    await saveIntent(db, paymentId as PaymentId, intentId, clock.now());
  }
  // The processor's request has a trace of its own: it is shown in the payment's.
  const links = [currentTrace()].filter((trace) => trace !== null);
  const about = { kind: 'consumer', links, startAtMs, attributes: { 'payloom.webhook': type } } as const;
  startSpan('processor webhook', about, parseTraceparent(traceparent))?.end();
  if (isDue || !isKnown) db.wake(DRIVER_WORK);
  return {};
};
