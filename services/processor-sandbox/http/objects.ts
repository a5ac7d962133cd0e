import type { Problem } from '../domain/problem.ts';
import { statusAt, type Charge, type Refund } from '../domain/refund.ts';
import { amountCapturable, type Intent } from '../domain/payment-intent.ts';
import type { Decline } from '../domain/test-cards.ts';
import type { WebhookEvent } from '../persistence/webhook-events.ts';

const API_VERSION = '2026-10-28.endive';

const seconds = (at: Date): number => Math.floor(at.getTime() / 1_000);

const cardError = ({ code, declineCode, message }: Decline) => ({
  type: 'card_error',
  code,
  decline_code: declineCode,
  message,
});

/** Objects in Stripe's format (https://docs.stripe.com/api), with the fields that are used. */
export const intentObject = (intent: Intent) => ({
  id: intent.id,
  object: 'payment_intent',
  amount: intent.amount,
  amount_capturable: amountCapturable(intent),
  amount_received: intent.amountReceived,
  canceled_at: intent.canceledAt && seconds(intent.canceledAt),
  cancellation_reason: intent.cancellationReason,
  capture_method: intent.captureMethod,
  created: seconds(intent.createdAt),
  currency: intent.currency,
  description: intent.description,
  last_payment_error: intent.lastPaymentError && cardError(intent.lastPaymentError),
  latest_charge: intent.latestCharge,
  livemode: false,
  metadata: intent.metadata,
  next_action: null,
  payment_method: intent.paymentMethod,
  payment_method_types: ['card'],
  status: intent.status,
});

export const chargeObject = (charge: Charge) => ({
  id: charge.id,
  object: 'charge',
  amount: charge.amount,
  amount_captured: charge.amount,
  amount_refunded: charge.amountRefunded,
  captured: true,
  created: seconds(charge.createdAt),
  currency: charge.currency,
  description: charge.description,
  livemode: false,
  metadata: charge.metadata,
  paid: true,
  payment_intent: charge.paymentIntent,
  payment_method: charge.paymentMethod,
  refunded: charge.amountRefunded === charge.amount,
  status: 'succeeded',
});

export const refundObject = (refund: Refund, now: Date) => ({
  id: refund.id,
  object: 'refund',
  amount: refund.amount,
  charge: refund.charge,
  created: seconds(refund.createdAt),
  currency: refund.currency,
  metadata: refund.metadata,
  payment_intent: refund.paymentIntent,
  reason: refund.reason,
  status: statusAt(refund, now),
  ...(refund.status === 'failed' && { failure_reason: 'declined' }),
});

export const eventObject = (event: WebhookEvent) => ({
  id: event.id,
  object: 'event',
  api_version: API_VERSION,
  created: seconds(event.createdAt),
  data: { object: event.object },
  livemode: false,
  pending_webhooks: 1,
  request: { id: event.requestId, idempotency_key: event.idempotencyKey },
  type: event.type,
});

export const listObject = (url: string, data: object[], hasMore: boolean) => ({
  object: 'list',
  data,
  has_more: hasMore,
  url,
});

export const errorObject = (problem: Problem, intent?: Intent) => ({
  error: {
    type: problem.type,
    ...(problem.code && { code: problem.code }),
    ...(problem.declineCode && { decline_code: problem.declineCode }),
    message: problem.message,
    ...(problem.param && { param: problem.param }),
    ...(intent && { payment_intent: intentObject(intent) }),
  },
});
