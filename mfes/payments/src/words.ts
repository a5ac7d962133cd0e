import { toDecimal } from '../../../shared/contracts/money.ts';
import type { Currency } from '../../../shared/contracts/money.ts';
import { TEST_CARDS } from '../../../shared/contracts/payments.ts';
import type { Party, Payment, PaymentStatus, TimelineEntry } from '../../../shared/contracts/payments.ts';
import type { Direction } from './filters.ts';

export const STATUS_WORDS: Record<PaymentStatus, string> = {
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

/** How the payment looks to this reader; `other` is somebody who is no party to it (an administrator). */
export const directionOf = (payment: Payment, userId: string | undefined): Direction | 'other' => {
  if (payment.payer.id === userId) return 'sent';
  return payment.payee.id === userId ? 'received' : 'other';
};

export const signOf = (direction: Direction | 'other'): '+' | '-' | null =>
  direction === 'other' ? null : direction === 'sent' ? '-' : '+';

/** The other side of the payment; to somebody who is no party, the payee. */
export const counterpartyOf = (payment: Payment, direction: Direction | 'other'): Party =>
  direction === 'received' ? payment.payer : payment.payee;

export const cardLabel = (paymentMethod: string): string =>
  TEST_CARDS.find(({ id }) => id === paymentMethod)?.label ?? paymentMethod;

/** Why it failed, as a sentence, or null when it did not. */
export const failureSentence = ({ status, failure }: Payment): string | null => {
  if (status !== 'failed') return null;
  const why = failure?.message.trim() || 'The payment could not be made';
  return /[.!?]$/.test(why) ? why : `${why}.`;
};

/** What a step in a payment's life means, for its timeline. */
export const STEP_SENTENCES: Record<TimelineEntry['status'], string> = {
  pending: 'The payment was opened.',
  processing: 'The card was accepted. The money is on its way.',
  completed: 'The payee has the money.',
  failed: 'The payment failed. No money has moved.',
  cancelled: 'The payer cancelled the payment. No money has moved.',
};

/** What is happening now, said aloud as a followed payment changes. */
export const statusSentence = (payment: Payment, userId?: string): string => {
  const { id, name } = payment.payee;
  switch (payment.status) {
    case 'pending':
      return 'The payment is open and waits for the card’s bank.';
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

/** `EUR – Euro`, in the reader's language, for choosing. */
export const currencyLabel = (code: Currency, locale: string): string => {
  const name = new Intl.DisplayNames([locale], { type: 'currency', fallback: 'none' }).of(code);
  return name === undefined ? code : `${code} – ${name}`;
};

/** An amount as an example of how this currency is typed: `12.34`, `1234`, `12.345`. */
export const amountExample = (code: Currency): string => {
  const whole = toDecimal({ amountMinor: 12_345, currency: code });
  const decimals = whole.split('.')[1]?.length ?? 0;
  return decimals === 0 ? '1234' : `12.${'345'.slice(0, decimals)}`;
};

/** What the reader did in a payment, as a word beside the counterparty. */
export const DIRECTION_WORDS: Record<Direction | 'other', string> = {
  sent: 'Sent',
  received: 'Received',
  other: 'Paid',
};

/** What has happened to a payment in a list, said aloud: `Payment to Vera Vendor is now completed`. */
export const newsSentence = (payment: Payment, userId: string | undefined, isNew: boolean): string => {
  const direction = directionOf(payment, userId);
  const other = counterpartyOf(payment, direction).name;
  const what = direction === 'received' ? `payment from ${other}` : `payment to ${other}`;
  const status = STATUS_WORDS[payment.status].toLowerCase();
  return isNew ? `New ${what}, ${status}` : `P${what.slice(1)} is now ${status}`;
};
