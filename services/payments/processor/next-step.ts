import type { PaymentRow } from '../persistence/payments.ts';
import type { Processor } from './client.ts';
import type { Outcome } from './outcome.ts';

/** Whether the key returns a saved failure: only a read shows what was done under it. */
const isReplayedFailure = (outcome: Outcome): boolean =>
  outcome.kind === 'unavailable' && outcome.replayed500;

const authorize = async (processor: Processor, row: PaymentRow): Promise<Outcome> => {
  const outcome = await processor.authorize({
    paymentId: row.id,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    paymentMethod: row.payment_method,
    description: row.description,
    attempt: row.key_try,
  });
  return isReplayedFailure(outcome) ? processor.find(row.id, row.created_at.getTime()) : outcome;
};

/** Voids or refunds whatever the processor holds for a cancelled payment. */
const reverse = async (processor: Processor, row: PaymentRow): Promise<Outcome> => {
  let { intent_id: intentId } = row;
  if (!intentId) {
    // The answer to the authorization was lost. The same request under the same key returns it.
    const outcome = await authorize(processor, row);
    if (!('intentId' in outcome) || !outcome.intentId || outcome.kind === 'declined') return outcome;
    intentId = outcome.intentId;
  }
  const voided = await processor.void(row.id, intentId, row.key_try);
  const outcome = isReplayedFailure(voided) ? await processor.read(intentId) : voided;
  if (outcome.kind !== 'captured') return outcome;
  const refunded = await processor.refund(row.id, intentId, row.key_try);
  return isReplayedFailure(refunded) ? outcome : refunded;
};

/** Makes the request that the payment's step needs; every result is an outcome. */
export const requestNextStep = async (processor: Processor, row: PaymentRow): Promise<Outcome> => {
  if (row.step === 'void') return reverse(processor, row);
  if (row.step === 'authorize' || !row.intent_id) return authorize(processor, row);
  if (row.step === 'await') return processor.read(row.intent_id);
  const outcome = await processor.capture(row.id, row.intent_id, row.key_try);
  return isReplayedFailure(outcome) ? processor.read(row.intent_id) : outcome;
};
