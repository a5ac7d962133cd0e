import type { PaymentRow } from '../persistence/payments.ts';
import type { Processor } from './client.ts';
import type { Outcome } from './outcome.ts';

/** The key's answer is a saved failure: only looking tells what was done under it. */
const isLost = (outcome: Outcome): boolean => outcome.kind === 'unavailable' && outcome.replayed500;

const authorize = async (processor: Processor, row: PaymentRow): Promise<Outcome> => {
  const outcome = await processor.authorize({
    paymentId: row.id,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    paymentMethod: row.payment_method,
    description: row.description,
    attempt: row.key_try,
  });
  return isLost(outcome) ? processor.find(row.id, row.created_at.getTime()) : outcome;
};

/** Gives back whatever the processor may hold or have taken for a cancelled payment. */
const giveBack = async (processor: Processor, row: PaymentRow): Promise<Outcome> => {
  let { intent_id: intentId } = row;
  if (!intentId) {
    // The answer to our first question was never seen. The same question under the same key brings it back.
    const outcome = await authorize(processor, row);
    if (!('intentId' in outcome) || !outcome.intentId || outcome.kind === 'declined') return outcome;
    intentId = outcome.intentId;
  }
  const voided = await processor.void(row.id, intentId, row.key_try);
  const outcome = isLost(voided) ? await processor.read(intentId) : voided;
  if (outcome.kind !== 'captured') return outcome;
  const refunded = await processor.refund(row.id, intentId, row.key_try);
  return isLost(refunded) ? outcome : refunded;
};

/** Asks the processor what the payment's next step needs; every way it can end is an outcome. */
export const ask = async (processor: Processor, row: PaymentRow): Promise<Outcome> => {
  if (row.step === 'void') return giveBack(processor, row);
  if (row.step === 'authorize' || !row.intent_id) return authorize(processor, row);
  if (row.step === 'await') return processor.read(row.intent_id);
  const outcome = await processor.capture(row.id, row.intent_id, row.key_try);
  return isLost(outcome) ? processor.read(row.intent_id) : outcome;
};
