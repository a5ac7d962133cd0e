// What the list does not need: the pages that are loaded on demand share it.
import type { Currency } from '../../../shared/contracts/currencies.ts';
import type { Payment, TimelineEntry } from '../../../shared/contracts/payments.ts';
import { failureForPayer } from '../../../shared/ui/payment-failures.ts';

/** Codes of failures for which another card is no remedy. */
const NOT_THE_CARD: readonly string[] = [
  'payment_failed',
  'amount_not_chargeable',
  'processing_error',
  'processor_error',
  'refused',
  'voided',
  'refunded',
];

/** Whether the payment failed because of its card, so that another card may help. */
export const needsOtherCard = ({ status, failure }: Payment): boolean =>
  status === 'failed' && failure !== null && !NOT_THE_CARD.includes(failure.code);

/** The button that pays a failed payment again. */
export const againLabel = (payment: Payment): string =>
  needsOtherCard(payment) ? 'Use another card' : 'Try again';

/** Why it failed, as a sentence, or null when it did not. */
export const failureSentence = ({ status, failure }: Payment): string | null => {
  if (status !== 'failed') return null;
  return failureForPayer(failure?.code ?? '') ?? 'The payment could not be made.';
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
  (status === 'failed' && reason !== null && failureForPayer(reason)) || TIMELINE_TEXTS[status];

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

/** `EUR – Euro`. */
export const currencyLabel = (code: Currency): string => {
  const name = new Intl.DisplayNames(['en'], { type: 'currency', fallback: 'none' }).of(code);
  return name === undefined ? code : `${code} – ${name}`;
};
