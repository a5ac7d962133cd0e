import type { PaymentStatus } from '../../../shared/contracts/payments.ts';

/** What can happen to a payment. */
export const PAYMENT_TRANSITIONS = ['authorized', 'captured', 'declined', 'cancelled'] as const;
export type PaymentTransition = (typeof PAYMENT_TRANSITIONS)[number];

/** The whole state machine; what is not in it cannot happen. */
const TRANSITIONS: Readonly<Record<PaymentStatus, Partial<Record<PaymentTransition, PaymentStatus>>>> = {
  pending: { authorized: 'processing', declined: 'failed', cancelled: 'cancelled' },
  processing: { captured: 'completed', declined: 'failed' },
  completed: {},
  failed: {},
  cancelled: {},
};

/** The status after an transition, or null when a payment in this status does not take it. */
export const after = (status: PaymentStatus, transition: PaymentTransition): PaymentStatus | null =>
  TRANSITIONS[status][transition] ?? null;

export const isTerminal = (status: PaymentStatus): boolean => Object.keys(TRANSITIONS[status]).length === 0;

/** What the processor is to do next for a payment. */
export const STEPS = ['authorize', 'await', 'capture', 'void', 'done'] as const;
export type Step = (typeof STEPS)[number];

/**
 * The next step once a status is reached. A payment that is cancelled before the processor was asked needs
 * no void; afterwards it always does, because an answer that we never saw may stand behind the request.
 */
export const stepAfter = (status: PaymentStatus, processorAsked: boolean): Step => {
  if (status === 'pending') return 'authorize';
  if (status === 'processing') return 'capture';
  return status === 'cancelled' && processorAsked ? 'void' : 'done';
};

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;

/** How long to wait before the processor is asked again after `attempts` tries without an answer. */
export const retryDelayMs = (attempts: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, attempts - 1), MAX_RETRY_MS);
