import type { Logger } from '../../../broker/process/logger.ts';
import { decideCharge, isKeyTrusted, retryDelayMs, type ChargeDecision } from '../domain/operation.ts';
import { intentOf, mayHoldMoney, type Outcome } from '../domain/outcome.ts';
import type { PaymentsService } from '../payments.ts';
import { releaseClaim, saveLateIntent, type NextStep, type Operation } from '../persistence/operations.ts';
import { saveTransition } from '../persistence/save-transition.ts';
import type { Processor } from './client.ts';

const POLL_PENDING_MS = 2_000;

/** The result of one page of a search that has found nothing yet. */
type Searched = { kind: 'searched'; next: string | null };

const isReplayedFailure = (outcome: Outcome): boolean =>
  outcome.kind === 'unavailable' && outcome.replayed500;

export const logRetry = (log: Logger, { id, step, attempts }: Operation, outcome: Outcome | null): void =>
  log.warn({ payment: id, step, attempts, outcome }, 'processor request will be retried');

export const authorizationOf = (charge: Operation, attempt: number) => ({
  paymentId: charge.id,
  amountMinor: Number(charge.amount_minor),
  currency: charge.currency,
  paymentMethod: charge.payment_method,
  description: charge.description,
  attempt,
});

/** Reads one page of the PaymentIntents created while the payment's authorization was requested. */
export const searchPage = (processor: Processor, row: Operation, lastRequestAt: Date | null) =>
  processor.search({
    paymentId: row.id,
    fromMs: row.created_at.getTime(),
    toMs: (lastRequestAt ?? row.updated_at).getTime(),
    after: row.search_after,
  });

const search = async (processor: Processor, charge: Operation): Promise<Outcome | Searched> => {
  const page = await searchPage(processor, charge, charge.requested_at);
  if (page.kind === 'unavailable') return page;
  return page.intents.find(mayHoldMoney) ?? page.intents[0] ?? { kind: 'searched', next: page.next };
};

/** Makes the request that the charge's step needs. */
const request = async (processor: Processor, charge: Operation): Promise<Outcome | Searched> => {
  const { id, step, intent_id: intentId, key_number: keyNumber } = charge;
  if (step === 'search') return search(processor, charge);
  if (step === 'await' && intentId) return processor.read(intentId);
  if (step === 'capture' && intentId) {
    const outcome = await processor.capture(id, intentId, keyNumber);
    // Only a read shows what was done under a key with a saved failure.
    return isReplayedFailure(outcome) ? processor.read(intentId) : outcome;
  }
  return processor.authorize(authorizationOf(charge, keyNumber));
};

/** The next step of a charge that causes no transition. */
const nextStep = (
  { step, attempts, search_after: searchAfter }: Operation,
  decision: Exclude<ChargeDecision, { kind: 'transition' }>,
  nowMs: number,
): NextStep => {
  const later = (delayMs: number) => new Date(nowMs + delayMs);
  switch (decision.kind) {
    case 'wait':
      return { step: step === 'capture' ? 'capture' : 'await', at: later(POLL_PENDING_MS) };
    case 'search':
      return { step: 'search', at: later(0) };
    case 'retry':
      return { step, at: later(retryDelayMs('charge', attempts)), nextKey: decision.nextKey, searchAfter };
  }
};

/** A search continues with its next page. After the last, nothing was done under the key: use the next. */
const afterSearch = ({ next }: Searched, nowMs: number): NextStep =>
  next === null
    ? { step: 'authorize', at: new Date(nowMs), nextKey: true }
    : { step: 'search', at: new Date(nowMs), searchAfter: next };

/**
 * Takes one step with a claimed charge.
 * @returns the charge to continue with at once, or null
 */
export const takeChargeStep = async (
  service: PaymentsService,
  charge: Operation,
  leaseMs: number,
): Promise<Operation | null> => {
  const { clock, db, log, outbox, state } = service;
  if (charge.step === 'authorize' && !isKeyTrusted(charge.key_used_at, clock.nowMs())) {
    // The processor may have dropped the key: the same request would reserve the money a second time.
    await releaseClaim(db, charge, { step: 'search', at: clock.now() });
    return null;
  }
  const outcome = await request(state.processor, charge);
  if (outcome.kind === 'searched') {
    await releaseClaim(db, charge, afterSearch(outcome, clock.nowMs()));
    return null;
  }
  const intentId = intentOf(outcome);
  const decision = decideCharge(charge.status, outcome);
  let isKept: boolean;
  if (decision.kind === 'transition') {
    const { transition, reason, reverse } = decision;
    const claimedUntil = transition === 'authorized' ? new Date(clock.nowMs() + leaseMs) : undefined;
    const moved = await saveTransition(service, db, charge, transition, {
      reason,
      reverse,
      intentId,
      charge,
      ...(claimedUntil && { claimedUntil }),
    });
    if (moved) outbox.wake();
    if (moved?.claim) return moved;
    isKept = moved !== null;
  } else {
    if (decision.kind === 'retry') logRetry(log, charge, outcome);
    isKept = await releaseClaim(db, charge, { ...nextStep(charge, decision, clock.nowMs()), intentId });
  }
  // The lease ran out, or the payment was cancelled meanwhile: the other result stands.
  if (!isKept && intentId && mayHoldMoney(outcome)) {
    await saveLateIntent(db, charge.id, intentId, clock.now());
  }
  return null;
};
