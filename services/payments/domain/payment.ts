import type { PaymentStatus } from '../../../shared/contracts/payments.ts';

/** The transitions of a payment. */
export const PAYMENT_TRANSITIONS = ['authorized', 'captured', 'declined', 'cancelled'] as const;
export type PaymentTransition = (typeof PAYMENT_TRANSITIONS)[number];

/** The method of payments that have moved here from POC-2, which has made their PaymentIntents. */
export const MOVED_METHOD = 'poc2';

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
