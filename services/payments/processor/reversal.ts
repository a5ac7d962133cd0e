import { decideRepeated, decideReversal, isKeyTrusted, retryDelayMs } from '../domain/operation.ts';
import { mayHoldMoney, type Outcome } from '../domain/outcome.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import {
  releaseClaim,
  saveFoundIntent,
  type DueOperation,
  type NextStep,
} from '../persistence/operations.ts';
import { authorizationOf, logRetry, searchPage } from './charge.ts';
import type { Processor } from './client.ts';

/** Null when the money of the PaymentIntent is given back. */
type Unfinished = Pick<NextStep, 'nextKey' | 'refusal'> | null;

/** Voids or refunds what a PaymentIntent holds. */
const reverseIntent = async (
  processor: Processor,
  intentId: string,
  keyNumber: number,
): Promise<{ outcome: Outcome; unfinished: Unfinished }> => {
  const voided = await processor.void(intentId, keyNumber);
  let outcome = voided.kind === 'unavailable' && voided.replayed500 ? await processor.read(intentId) : voided;
  let decision = decideReversal(outcome);
  if (decision.kind === 'refund') {
    outcome = await processor.refund(intentId, keyNumber);
    decision = decideReversal(outcome);
  }
  switch (decision.kind) {
    case 'reversed':
      return { outcome, unfinished: null };
    case 'retry':
      return { outcome, unfinished: { nextKey: decision.nextKey, refusal: decision.refusal } };
    default:
      return { outcome, unfinished: {} };
  }
};

type Taken = { outcome: Outcome | null; next: NextStep };

/** Takes one step with a claimed reversal. `outcome` is the processor's last answer. */
const take = async ({ state, clock, db }: PaymentsService, reversal: DueOperation): Promise<Taken> => {
  const { processor } = state;
  const retryAt = () => new Date(clock.nowMs() + retryDelayMs('reversal', reversal.attempts));
  const stay = (): NextStep => ({ step: reversal.step, at: retryAt(), searchAfter: reversal.search_after });
  const done: NextStep = { step: 'done', at: null };
  const search = (searchAfter: string | null = null): NextStep => ({
    step: 'search',
    at: clock.now(),
    searchAfter,
  });
  // More than one key was used: there may be PaymentIntents that no answer has reported.
  const afterKnown = reversal.intent_id === null && reversal.charge_key_number > 1 ? search() : done;

  const reverse = async (intentIds: readonly string[], next: NextStep): Promise<Taken> => {
    let outcome: Outcome | null = null;
    for (const intentId of intentIds) {
      const result = await reverseIntent(processor, intentId, reversal.key_number);
      outcome = result.outcome;
      if (result.unfinished) return { outcome, next: { ...stay(), ...result.unfinished } };
    }
    return { outcome, next };
  };

  if (reversal.step === 'search') {
    const page = await searchPage(processor, reversal, reversal.charge_requested_at);
    if (page.kind === 'unavailable') return { outcome: page, next: stay() };
    const found = page.intents.filter(mayHoldMoney).map(({ intentId }) => intentId);
    return reverse(found, page.next === null ? done : search(page.next));
  }
  const known = reversal.intent_id ?? reversal.charge_intent_id;
  if (known) return reverse([known], afterKnown);
  if (!isKeyTrusted(reversal.charge_key_used_at, clock.nowMs())) return { outcome: null, next: search() };
  // The answer to the authorization was lost. The same request under the same key returns it.
  const outcome = await processor.authorize(authorizationOf(reversal, reversal.charge_key_number));
  const repeated = decideRepeated(outcome);
  if (repeated.kind === 'reverse') {
    await saveFoundIntent(db, reversal.id, repeated.intentId);
    return reverse([repeated.intentId], afterKnown);
  }
  const next = { absent: afterKnown, search: search(), retry: stay() }[repeated.kind];
  return { outcome, next };
};

/**
 * Takes one step with a claimed reversal: voids or refunds what the processor holds. It ends only with a
 * void, a refund that has succeeded, or the proof that nothing is held under any key that was used.
 */
export const takeReversalStep = async (service: PaymentsService, reversal: DueOperation): Promise<void> => {
  const { clock, db, log, outbox } = service;
  const { outcome, next } = await take(service, reversal);
  if (next.step === reversal.step && !next.refusal) logRetry(log, reversal, outcome);
  if (!next.refusal) {
    await releaseClaim(db, reversal, next);
    return;
  }
  log.error(
    { payment: reversal.id, code: next.refusal, attempts: reversal.attempts },
    'reversal was refused',
  );
  const event = outbox.row(payments.events.reversalRefused, {
    id: reversal.id,
    amountMinor: Number(reversal.amount_minor),
    currency: reversal.currency,
    code: next.refusal,
    at: clock.now().toISOString(),
  });
  const isFirst = reversal.refusal === null;
  const isKept = await releaseClaim(db, reversal, next, isFirst ? event : undefined);
  if (isKept && isFirst) outbox.wake();
};
