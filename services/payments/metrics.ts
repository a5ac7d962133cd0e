import { Counter, Gauge, Histogram } from 'prom-client';
import { withinLimit } from '../../broker/telemetry/within-limit.ts';
import type { Currency } from '../../shared/contracts/currencies.ts';

/** Why payments fail, by Stripe's decline codes and our own. Any other code of a bank counts as `other`. */
const REASONS = new Set([
  ...['amount_not_chargeable', 'authentication_required', 'processor_error', 'refunded', 'voided'],
  ...['card_declined', 'card_not_supported', 'card_velocity_exceeded', 'currency_not_supported', 'declined'],
  ...['do_not_honor', 'expired_card', 'fraudulent', 'generic_decline', 'incorrect_cvc', 'incorrect_number'],
  ...['insufficient_funds', 'invalid_account', 'issuer_not_available', 'lost_card', 'pickup_card'],
  ...['processing_error', 'refused', 'stolen_card', 'transaction_not_allowed', 'try_again_later'],
  'withdrawal_count_limit_exceeded',
]);

const paymentsMoved = new Counter({
  name: 'payloom_payments_total',
  help: 'Payments that reached a status, by status, currency and, of failed ones, reason',
  labelNames: ['status', 'currency', 'reason'],
});
const paymentsEnded = new Counter({
  name: 'payloom_payments_ended_total',
  help: 'Payments that were completed or failed, by status',
  labelNames: ['status'],
});
const ENDS = new Set(['completed', 'failed']);
// From the start: Prometheus counts from the first value that it reads, and so would miss the first failures.
for (const status of ENDS) paymentsEnded.inc({ status }, 0);
const amountsMoved = new Counter({
  name: 'payloom_payments_amount_minor_total',
  help: 'Amounts of payments that reached a status, in minor units of the currency: never add two currencies',
  labelNames: ['status', 'currency'],
});
const requests = new Histogram({
  name: 'payloom_processor_request_seconds',
  help: 'Requests to the card processor by what was asked and outcome (unavailable: no usable answer)',
  labelNames: ['request', 'outcome'],
  buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});

/** Counts a payment that has reached a status. */
export const countPayment = (
  status: string,
  { amountMinor, currency }: { amountMinor: number; currency: Currency },
  reason: string | null = null,
): void => {
  const known = reason !== null && !REASONS.has(reason) ? 'other' : (reason ?? '');
  paymentsMoved.inc({ status, currency, reason: known });
  amountsMoved.inc({ status, currency }, amountMinor);
  if (ENDS.has(status)) paymentsEnded.inc({ status });
};

export const observeProcessor = (request: string, outcome: string, seconds: number): void =>
  requests.observe({ request, outcome }, seconds);

/** What is read from the database whenever the metrics are read. */
export type WatchedPayments = { stuckReversals(): Promise<number>; oldestOpenS(): Promise<number> };

let watched: WatchedPayments | null = null;

/** An unreachable database leaves the last value. */
const update = async (gauge: Gauge, read: Promise<number> | undefined): Promise<void> => {
  const value = read ? await withinLimit(read) : null;
  if (value !== null) gauge.set(value);
};

new Gauge({
  name: 'payloom_payments_reversals_stuck',
  help: 'Reversals that the processor refuses or does not answer: money that could not be given back yet',
  collect() {
    return update(this, watched?.stuckReversals());
  },
});
new Gauge({
  name: 'payloom_payments_oldest_open_seconds',
  help: 'Age of the oldest payment that is neither completed nor failed nor cancelled; 0 without one',
  collect() {
    return update(this, watched?.oldestOpenS());
  },
});

/** Exports what `read` returns whenever the metrics are read. Returns a function that ends it. */
export const watchPayments = (read: WatchedPayments): (() => void) => {
  watched = read;
  return () => {
    if (watched === read) watched = null;
  };
};
