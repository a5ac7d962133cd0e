import { MOVED_METHOD } from '../domain/payment.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Operation } from '../persistence/operations.ts';
import type { Processor } from './client.ts';

/** States of a PaymentIntent in which the payer has something to do. */
const UNFINISHED: ReadonlySet<string> = new Set([
  ...['requires_payment_method', 'requires_confirmation', 'requires_action'],
]);

/** As long as an authorization lasts, from the creation of the payment. */
const PAYER_WAIT_MS = 7 * 86_400_000;

/** Whether another system has made the PaymentIntent of this charge. */
export const isMoved = ({ payment_method: method }: Pick<Operation, 'payment_method'>): boolean =>
  method === MOVED_METHOD;

/** Reads such a PaymentIntent: nobody here has decided about its sum. */
export const readMoved = (processor: Processor, charge: Operation, intentId: string): Promise<Outcome> =>
  processor.read(intentId, { amountMinor: Number(charge.amount_minor), currency: charge.currency });

/** Whether such a PaymentIntent waits for its payer, who may still have the other system's page open. */
export const waitsForPayer = (charge: Operation, outcome: Outcome, nowMs: number): boolean =>
  isMoved(charge) &&
  outcome.kind === 'unexpected' &&
  UNFINISHED.has(outcome.status) &&
  nowMs - charge.created_at.getTime() < PAYER_WAIT_MS;
