import type { Party, Payment, PaymentStatus } from '../../../shared/contracts/payments.ts';
import type { Direction } from './pages/list/filters.ts';

export const STATUS_LABELS: Record<PaymentStatus, string> = {
  pending: 'Pending',
  processing: 'Processing',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** True while the payment can still change by itself. */
export const isUnfinished = ({ status }: Pick<Payment, 'status'>): boolean =>
  status === 'pending' || status === 'processing';

/** True when the payment has ended without moving money. */
export const movedNothing = ({ status }: Pick<Payment, 'status'>): boolean =>
  status === 'failed' || status === 'cancelled';

/** The payment's direction for this reader; `other` for a reader who is not a party (an administrator). */
export const directionOf = (payment: Payment, userId: string | undefined): Direction | 'other' => {
  if (payment.payer.id === userId) return 'sent';
  return payment.payee.id === userId ? 'received' : 'other';
};

export const signOf = (direction: Direction | 'other'): '+' | '-' | null =>
  direction === 'other' ? null : direction === 'sent' ? '-' : '+';

/** The other party; for a reader who is not a party, the payee. */
export const counterpartyOf = (payment: Payment, direction: Direction | 'other'): Party =>
  direction === 'received' ? payment.payer : payment.payee;

/** The label beside the counterparty. */
export const DIRECTION_LABELS: Record<Direction | 'other', string> = {
  sent: 'Sent',
  received: 'Received',
  other: 'Paid',
};

/** A change in a list, announced to screen readers: `Payment to Vera Vendor is now completed`. */
export const changeSentence = (payment: Payment, userId: string | undefined, isNew: boolean): string => {
  const direction = directionOf(payment, userId);
  const other = counterpartyOf(payment, direction).name;
  const what = direction === 'received' ? `payment from ${other}` : `payment to ${other}`;
  const status = STATUS_LABELS[payment.status].toLowerCase();
  return isNew ? `New ${what}, ${status}` : `P${what.slice(1)} is now ${status}`;
};
