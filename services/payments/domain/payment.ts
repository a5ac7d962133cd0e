import type { PaymentStatus } from '../../../shared/contracts/payments.ts';

/** The transitions of a payment. */
export const PAYMENT_TRANSITIONS = ['authorized', 'captured', 'declined', 'cancelled'] as const;
export type PaymentTransition = (typeof PAYMENT_TRANSITIONS)[number];

/** The state machine: every allowed transition, and the status that it leads to. */
const TRANSITIONS: Readonly<Record<PaymentStatus, Partial<Record<PaymentTransition, PaymentStatus>>>> = {
  pending: { authorized: 'processing', declined: 'failed', cancelled: 'cancelled' },
  processing: { captured: 'completed', declined: 'failed' },
  completed: {},
  failed: {},
  cancelled: {},
};

/** The status after a transition, or null when it is not allowed in this status. */
export const after = (status: PaymentStatus, transition: PaymentTransition): PaymentStatus | null =>
  TRANSITIONS[status][transition] ?? null;

export const isTerminal = (status: PaymentStatus): boolean => Object.keys(TRANSITIONS[status]).length === 0;

/** The next request to the processor. */
export type Step = 'authorize' | 'await' | 'capture' | 'void' | 'done';

/**
 * The next step once a status is reached. A payment that is cancelled before any request to the processor
 * needs no void; later it always does, because the answer to a request may have been lost.
 */
export const stepAfter = (status: PaymentStatus, processorAsked: boolean): Step => {
  if (status === 'pending') return 'authorize';
  if (status === 'processing') return 'capture';
  return status === 'cancelled' && processorAsked ? 'void' : 'done';
};

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;

/** Milliseconds until the next attempt, after `attempts` requests without a result. */
export const retryDelayMs = (attempts: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, attempts - 1), MAX_RETRY_MS);
