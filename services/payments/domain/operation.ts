import type { PaymentStatus } from '../../../shared/contracts/payments.ts';
import { mayHoldMoney, type Outcome, type OutcomeKind } from './outcome.ts';
import type { PaymentTransition } from './payment.ts';

/**
 * An operation at the processor. `charge`: authorizes and captures a payment. `reversal`: gives back what the
 * processor holds for a payment that is over.
 */
export type OperationKind = 'charge' | 'reversal';

/** The next request of an operation. */
export type Step =
  | 'authorize'
  | 'await'
  | 'capture'
  /** Repeats the authorization whose answer was lost: the same key returns it. */
  | 'repeat'
  /** Looks for PaymentIntents that no answer has reported. */
  | 'search'
  | 'reverse'
  | 'refund'
  | 'done';

/** What follows from an outcome of a charge. */
export type ChargeDecision =
  /** `reverse`: the processor may still hold money, so a reversal follows. */
  | { kind: 'transition'; transition: PaymentTransition; reason: string | null; reverse: boolean }
  | { kind: 'wait'; delayMs?: number }
  | { kind: 'search' }
  | { kind: 'retry'; nextKey: boolean };

/** What follows from an outcome of a reversal. */
export type ReversalDecision =
  | { kind: 'reversed' }
  | { kind: 'refund' }
  | { kind: 'wait' }
  /** `refusal`: why the processor refuses it, as a code; null while the result is unknown. */
  | { kind: 'retry'; nextKey: boolean; refusal: string | null };

type Table<Decision> = { [K in OutcomeKind]: (outcome: Extract<Outcome, { kind: K }>) => Decision };

const decide = <Decision>(table: Table<Decision>, outcome: Outcome): Decision =>
  (table[outcome.kind] as (outcome: Outcome) => Decision)(outcome);

const move = (transition: PaymentTransition): ChargeDecision => ({
  kind: 'transition',
  transition,
  reason: null,
  reverse: false,
});
const fail = (reason: string, reverse: boolean): ChargeDecision => ({
  kind: 'transition',
  transition: 'declined',
  reason,
  reverse,
});
const again = (nextKey: boolean): ChargeDecision => ({ kind: 'retry', nextKey });

const failUnexpected = ({ status }: { status: string }): ChargeDecision =>
  fail(status === 'requires_action' ? 'authentication_required' : 'processor_error', true);

/** Outcomes of authorizing, searching and awaiting. A declined authorization reserves nothing. */
const AUTHORIZING: Table<ChargeDecision> = {
  authorized: () => move('authorized'),
  // The next step finds it captured.
  captured: () => move('authorized'),
  pending: () => ({ kind: 'wait' }),
  declined: ({ code }) => fail(code, false),
  voided: () => fail('voided', false),
  refunded: () => fail('refunded', false),
  refund_pending: () => fail('refunded', true),
  refund_failed: () => fail('refunded', true),
  missing: () => fail('processor_error', true),
  unexpected: failUnexpected,
  unavailable: ({ replayed500 }) => (replayed500 ? { kind: 'search' } : again(false)),
};

/** Outcomes of capturing: the money is reserved, so every failure but a void leads to a reversal. */
const CAPTURING: Table<ChargeDecision> = {
  captured: ({ partial }) => (partial ? fail('processor_error', true) : move('captured')),
  // The key returns an answer from before the present state.
  authorized: () => again(true),
  pending: () => again(true),
  declined: ({ code }) => fail(code, true),
  voided: () => fail('voided', false),
  refunded: () => fail('refunded', false),
  refund_pending: () => fail('refunded', true),
  refund_failed: () => fail('refunded', true),
  missing: () => fail('processor_error', true),
  unexpected: failUnexpected,
  unavailable: () => again(false),
};

/** Decides how a charge continues. `status` is the payment's. */
export const decideCharge = (status: PaymentStatus, outcome: Outcome): ChargeDecision =>
  decide(status === 'processing' ? CAPTURING : AUTHORIZING, outcome);

const refused = (refusal: string): ReversalDecision => ({ kind: 'retry', nextKey: true, refusal });
/** The key returns an answer from before the present state. */
const outOfDate = (): ReversalDecision => ({ kind: 'retry', nextKey: true, refusal: null });

/** Only a void, a refund that has succeeded, or a proven absence ends a reversal. */
const REVERSING: Table<ReversalDecision> = {
  voided: () => ({ kind: 'reversed' }),
  refunded: () => ({ kind: 'reversed' }),
  captured: () => ({ kind: 'refund' }),
  refund_pending: () => ({ kind: 'wait' }),
  refund_failed: ({ code }) => refused(code),
  declined: ({ code }) => refused(code),
  authorized: outOfDate,
  pending: outOfDate,
  // The processor denies a PaymentIntent that it has reported: a wrong account or mode.
  missing: () => refused('processor_intent_missing'),
  unexpected: ({ status }) => refused(status),
  unavailable: ({ replayed500 }) => ({ kind: 'retry', nextKey: replayed500, refusal: null }),
};

/** After so many attempts without progress a reversal counts as stuck: about eight minutes. */
const STUCK_ATTEMPTS = 10;

/**
 * Why a reversal is stuck, as a code: the processor's refusal, which stands until there is progress, or after
 * some attempts the last outcome. Null while there is nothing to see.
 */
export const stuckCode = (
  outcome: Outcome,
  { known, refusal, attempts }: { known: string | null; refusal: string | null; attempts: number },
): string | null => {
  if (refusal ?? known) return refusal ?? known;
  if (attempts < STUCK_ATTEMPTS) return null;
  return outcome.kind === 'unavailable' ? 'processor_unavailable' : outcome.kind;
};

export const decideReversal = (outcome: Outcome): ReversalDecision => decide(REVERSING, outcome);

/**
 * What follows for a reversal from the repeated authorization under the key whose answer was lost: its
 * PaymentIntent, or the proof that the key reserved nothing.
 */
export const decideRepeated = (
  outcome: Outcome,
): { kind: 'reverse'; intentId: string } | { kind: 'absent' | 'search' | 'retry' } => {
  if (outcome.kind === 'unavailable') return { kind: outcome.replayed500 ? 'search' : 'retry' };
  const intentId = 'intentId' in outcome ? outcome.intentId : null;
  if (intentId && mayHoldMoney(outcome)) return { kind: 'reverse', intentId };
  if (outcome.kind === 'declined' || outcome.kind === 'voided') return { kind: 'absent' };
  return { kind: 'search' };
};

/** The processor drops a key after 24 hours (https://docs.stripe.com/api/idempotent_requests). */
const KEY_TRUSTED_MS = 23 * 3_600_000;
const CLOCKS_DIFFER_MS = 900_000;

/** Whether a request under this key, first used at `usedAt`, is still certain to be done only once. */
export const isKeyTrusted = (usedAt: Date | null, nowMs: number): boolean =>
  usedAt !== null && nowMs - usedAt.getTime() < KEY_TRUSTED_MS && usedAt.getTime() - nowMs < CLOCKS_DIFFER_MS;

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS: Readonly<Record<OperationKind, number>> = { charge: 5_000, reversal: 3_600_000 };

/** Milliseconds until the next attempt, after `attempts` requests without a result. */
export const retryDelayMs = (kind: OperationKind, attempts: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.min(Math.max(0, attempts - 1), 20), MAX_RETRY_MS[kind]);
