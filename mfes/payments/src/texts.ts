import type { Currency } from '../../../shared/contracts/currencies.ts';
import { TEST_CARDS } from '../../../shared/contracts/test-cards.ts';
import type { Party, Payment, PaymentStatus, TimelineEntry } from '../../../shared/contracts/payments.ts';
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

export const cardLabel = (paymentMethod: string): string =>
  TEST_CARDS.find(({ id }) => id === paymentMethod)?.label ?? paymentMethod;

/** Texts for the processor's decline codes and our own; other codes get a general sentence. */
const FAILURE_TEXTS: Readonly<Record<string, string>> = {
  payment_failed: 'The payment did not go through.',
  amount_not_chargeable: 'The card processor cannot charge this amount in this currency.',
  card_declined: 'Your card was declined.',
  generic_decline: 'Your card was declined.',
  do_not_honor: 'Your card was declined.',
  lost_card: 'Your card was declined.',
  stolen_card: 'Your card was declined.',
  insufficient_funds: 'Your card has insufficient funds.',
  expired_card: 'Your card has expired.',
  incorrect_cvc: 'Your card’s security code is incorrect.',
  processing_error: 'An error occurred while processing your card. Try again in a little while.',
  authentication_required:
    'Your bank wants you to confirm this payment, which is not possible here yet. Use another card.',
  processor_error: 'The card processor could not complete the payment.',
  refused: 'The card processor did not accept this payment.',
  voided: 'The card processor cancelled the payment.',
  refunded: 'The card processor refunded the payment.',
};

/** Why it failed, as a sentence, or null when it did not. */
export const failureSentence = ({ status, failure }: Payment): string | null => {
  if (status !== 'failed') return null;
  return FAILURE_TEXTS[failure?.code ?? ''] ?? 'The payment could not be made.';
};

const TIMELINE_TEXTS: Record<TimelineEntry['status'], string> = {
  pending: 'Payment created',
  processing: 'Authorized by the bank',
  completed: 'Paid',
  failed: 'The payment failed. No money has moved.',
  cancelled: 'Cancelled by the payer',
};

/** The text of an entry in a payment's timeline. */
export const timelineText = ({ status, reason }: TimelineEntry): string =>
  (status === 'failed' && reason !== null && FAILURE_TEXTS[reason]) || TIMELINE_TEXTS[status];

/** The present state as a sentence, announced to screen readers as the payment changes. */
export const statusSentence = (payment: Payment, userId?: string): string => {
  const { id, name } = payment.payee;
  switch (payment.status) {
    case 'pending':
      return 'The payment is pending until the card’s bank answers.';
    case 'processing':
      return 'The card was accepted. The money is on its way.';
    case 'completed':
      return id === userId ? 'You have the money.' : `${name} has the money.`;
    case 'failed':
      return `${failureSentence(payment)} No money has moved.`;
    case 'cancelled':
      return 'The payment was cancelled. No money has moved.';
  }
};

/** `EUR – Euro`, in the reader's language. */
export const currencyLabel = (code: Currency, locale: string): string => {
  const name = new Intl.DisplayNames([locale], { type: 'currency', fallback: 'none' }).of(code);
  return name === undefined ? code : `${code} – ${name}`;
};

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
