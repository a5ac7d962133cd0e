import type { Logger } from '../../../broker/process/logger.ts';
import { decideCharge, isKeyTrusted, retryDelayMs, type ChargeDecision } from '../domain/operation.ts';
import { intentOf, mayHoldMoney, type Outcome } from '../domain/outcome.ts';
import type { PaymentsService } from '../payments.ts';
import { releaseClaim, saveIntent, type NextStep, type Operation } from '../persistence/operations.ts';
import { saveTransition } from '../persistence/save-transition.ts';
import type { Processor } from './client.ts';
import { isMoved, readMoved, waitsForPayer } from './moved-charge.ts';

const POLL_PENDING_MS = 2_000;
/** No webhook says that the payer of another system's PaymentIntent has done something. */
const POLL_PAYER_MS = 300_000;

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

/** Reads one page of the PaymentIntents created from the payment's creation to the last request. */
export const searchPage = (processor: Processor, operation: Operation) =>
  processor.search({
    paymentId: operation.id,
    fromMs: operation.created_at.getTime(),
    toMs: (operation.requested_at ?? operation.updated_at).getTime(),
    after: operation.search_after,
  });

const search = async (processor: Processor, charge: Operation): Promise<Outcome | Searched> => {
  const page = await searchPage(processor, charge);
  if (page.kind === 'unavailable') return page;
  return page.intents.find(mayHoldMoney) ?? page.intents[0] ?? { kind: 'searched', next: page.next };
};

/** Makes the request that the charge's step needs. */
const request = async (processor: Processor, charge: Operation): Promise<Outcome | Searched> => {
  const { id, step, intent_id: intentId, key_number: keyNumber } = charge;
  if (intentId && isMoved(charge)) {
    const outcome = await readMoved(processor, charge, intentId);
    if (step !== 'capture' || outcome.kind !== 'authorized') return outcome;
  }
  if (step === 'capture' && intentId) {
    const outcome = await processor.capture(id, intentId, keyNumber);
    // Only a read shows what was done under a key with a saved failure.
    return isReplayedFailure(outcome) ? processor.read(intentId) : outcome;
  }
  if (intentId) return processor.read(intentId);
  if (step === 'search') return search(processor, charge);
  return processor.authorize(authorizationOf(charge, keyNumber));
};

/** The key is spent; whether it reserved the money must be known before the next is used. */
const SEARCH = { step: 'search', nextKey: true, isProgress: true } as const;

/** The next step of a charge that causes no transition. */
const nextStep = (
  { step, attempts, search_after: searchAfter }: Operation,
  decision: Exclude<ChargeDecision, { kind: 'transition' }>,
  nowMs: number,
): NextStep => {
  const later = (delayMs: number) => new Date(nowMs + delayMs);
  switch (decision.kind) {
    case 'wait':
      return {
        step: step === 'capture' ? 'capture' : 'await',
        at: later(decision.delayMs ?? POLL_PENDING_MS),
      };
    case 'search':
      return { ...SEARCH, at: later(0) };
    case 'retry':
      return { step, at: later(retryDelayMs('charge', attempts)), nextKey: decision.nextKey, searchAfter };
  }
};

/** Without a result of the search, nothing was done under the former keys. */
const afterSearch = ({ next }: Searched, nowMs: number): NextStep => ({
  step: next === null ? 'authorize' : 'search',
  at: new Date(nowMs),
  searchAfter: next,
  isProgress: true,
});

/**
 * Takes one step with a claimed charge.
 * @returns the charge to continue with at once, or null
 */
export const takeChargeStep = async (
  service: PaymentsService,
  charge: Operation,
  leaseMs: number,
): Promise<Operation | null> => {
  const { clock, db, log, state } = service;
  const isRequested = charge.step === 'authorize' && charge.intent_id === null;
  if (isRequested && !isKeyTrusted(charge.key_used_at, clock.nowMs())) {
    // The processor may have dropped the key: the same request would reserve the money a second time.
    await releaseClaim(db, charge, { ...SEARCH, at: clock.now() });
    return null;
  }
  const outcome = await request(state.processor, charge);
  if (outcome.kind === 'searched') {
    await releaseClaim(db, charge, afterSearch(outcome, clock.nowMs()));
    return null;
  }
  const intentId = intentOf(outcome);
  const decision: ChargeDecision = waitsForPayer(charge, outcome, clock.nowMs())
    ? { kind: 'wait', delayMs: POLL_PAYER_MS }
    : decideCharge(charge.status, outcome);
  let known: string | null | undefined;
  if (decision.kind === 'transition') {
    const { transition, reason, reverse } = decision;
    const claimedUntil = transition === 'authorized' ? new Date(clock.nowMs() + leaseMs) : undefined;
    const moved = await saveTransition(service, db, charge, transition, {
      reason,
      // Other keys may have reserved the money too; a payer of another system may pay what has failed here.
      reverse: reverse || (transition === 'declined' && (charge.key_number > 1 || isMoved(charge))),
      intentId,
      charge,
      ...(claimedUntil && { claimedUntil }),
    });
    if (moved?.claim) return moved;
    known = moved?.intent_id;
  } else {
    if (decision.kind === 'retry') logRetry(log, charge, outcome);
    const next = { ...nextStep(charge, decision, clock.nowMs()), intentId };
    known = (await releaseClaim(db, charge, next))?.intentId;
  }
  // The lease ran out, or the payment was cancelled meanwhile: the other result stands.
  if (intentId && intentId !== known && mayHoldMoney(outcome)) {
    await saveIntent(db, charge.id, intentId, clock.now());
  }
  return null;
};
