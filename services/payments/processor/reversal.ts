import type { OutboxRow } from '../../../broker/events/outbox.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import {
  decideRepeated,
  decideReversal,
  isKeyTrusted,
  retryDelayMs,
  stuckCode,
  type Step,
} from '../domain/operation.ts';
import { mayHoldMoney, type Outcome } from '../domain/outcome.ts';
import type { PaymentsService } from '../payments.ts';
import {
  releaseClaim,
  saveIntent,
  saveRepeatedIntent,
  type DueOperation,
} from '../persistence/operations.ts';
import { authorizationOf, logRetry, searchPage } from './charge.ts';
import type { Processor } from './client.ts';

/** The step that follows from an outcome: another one is progress, the same one is tried again. */
type Taken =
  | { step: Step; searchAfter?: string | null }
  | { retry: Outcome; nextKey?: boolean; refusal?: string | null };

/** The first step after the authorization is known, or known to be absent. */
const afterRepeated = (reversal: DueOperation, isAbsent: boolean): Taken => {
  // There may be PaymentIntents that no answer has reported.
  if (reversal.charge_key_number > 1) return { step: 'search' };
  return { step: isAbsent ? 'done' : 'reverse' };
};

/** Repeats the authorization whose answer was lost. The same request under the same key returns it. */
const repeat = async ({ state, clock, db }: PaymentsService, reversal: DueOperation): Promise<Taken> => {
  if (reversal.charge_intent_id) return afterRepeated(reversal, false);
  if (!isKeyTrusted(reversal.charge_key_used_at, clock.nowMs())) return { step: 'search' };
  const outcome = await state.processor.authorize(authorizationOf(reversal, reversal.charge_key_number));
  const repeated = decideRepeated(outcome);
  switch (repeated.kind) {
    case 'reverse':
      if ((await saveRepeatedIntent(db, reversal.id, repeated.intentId)) !== repeated.intentId) {
        await saveIntent(db, reversal.id, repeated.intentId, clock.now());
      }
      return afterRepeated(reversal, false);
    case 'absent':
      return afterRepeated(reversal, true);
    case 'search':
      return { step: 'search' };
    case 'retry':
      return { retry: outcome };
  }
};

/** Reads one page; every other PaymentIntent that may hold money gets a reversal of its own. */
const search = async ({ state, clock, db }: PaymentsService, reversal: DueOperation): Promise<Taken> => {
  const page = await searchPage(state.processor, reversal);
  if (page.kind === 'unavailable') return { retry: page };
  for (const intent of page.intents) {
    if (!mayHoldMoney(intent) || intent.intentId === reversal.charge_intent_id) continue;
    await saveIntent(db, reversal.id, intent.intentId, clock.now());
  }
  if (page.next !== null) return { step: 'search', searchAfter: page.next };
  return { step: reversal.charge_intent_id ? 'reverse' : 'done' };
};

/** Only a read shows what was done under a key with a saved failure. */
const voidIntent = async (processor: Processor, intentId: string, keyNumber: number): Promise<Outcome> => {
  const outcome = await processor.void(intentId, keyNumber);
  return outcome.kind === 'unavailable' && outcome.replayed500 ? processor.read(intentId) : outcome;
};

/** Voids or refunds what the PaymentIntent holds. */
const giveBack = async (processor: Processor, reversal: DueOperation): Promise<Taken> => {
  const intentId = reversal.intent_id ?? reversal.charge_intent_id;
  if (!intentId) return { step: 'repeat' };
  const isOver = reversal.status === 'failed' || reversal.status === 'cancelled';
  if (intentId === reversal.charge_intent_id && !isOver) {
    throw new Error(`the payment is ${reversal.status}: its money is not given back`);
  }
  const outcome = await (reversal.step === 'refund'
    ? processor.refund(intentId, reversal.key_number)
    : voidIntent(processor, intentId, reversal.key_number));
  const decision = decideReversal(outcome);
  switch (decision.kind) {
    case 'reversed':
      return { step: 'done' };
    case 'refund':
      return { step: 'refund' };
    case 'wait':
      return { retry: outcome };
    case 'retry':
      return { retry: outcome, nextKey: decision.nextKey, refusal: decision.refusal };
  }
};

const take = (service: PaymentsService, reversal: DueOperation): Promise<Taken> => {
  if (reversal.step === 'repeat') return repeat(service, reversal);
  if (reversal.step === 'search') return search(service, reversal);
  return giveBack(service.state.processor, reversal);
};

const stuckEvent = ({ outbox, clock }: PaymentsService, reversal: DueOperation, code: string): OutboxRow =>
  outbox.row(payments.events.reversalStuck, {
    id: reversal.id,
    amountMinor: Number(reversal.amount_minor),
    currency: reversal.currency,
    code,
    at: clock.now().toISOString(),
  });

/**
 * Takes one step with a claimed reversal. It ends only with a void, a refund that has succeeded, or the proof
 * that nothing is held under any key that was used.
 * @returns whether the next step is due at once
 */
export const takeReversalStep = async (
  service: PaymentsService,
  reversal: DueOperation,
): Promise<boolean> => {
  const { clock, db, log, outbox } = service;
  const { stuck: known, attempts } = reversal;
  const taken = await take(service, reversal);
  if ('step' in taken) {
    const { step, searchAfter = null } = taken;
    const at = step === 'done' ? null : clock.now();
    await releaseClaim(db, reversal, { step, at, searchAfter, isProgress: true });
    return step !== 'done';
  }
  const { retry: outcome, nextKey = false, refusal = null } = taken;
  const stuck = stuckCode(outcome, { known, refusal, attempts });
  logRetry(log, reversal, outcome);
  const next = {
    step: reversal.step,
    at: new Date(clock.nowMs() + retryDelayMs('reversal', attempts)),
    searchAfter: reversal.search_after,
    nextKey,
    stuck,
  };
  const event = stuck !== null && known === null ? stuckEvent(service, reversal, stuck) : undefined;
  if ((await releaseClaim(db, reversal, next, event)) && event) {
    log.error({ payment: reversal.id, code: stuck }, 'reversal is stuck and will be retried');
    outbox.wake(event);
  }
  return false;
};
