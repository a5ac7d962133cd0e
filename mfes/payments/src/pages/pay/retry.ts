import type { Host } from '../../../../../shared/client/host.ts';
import type { PaymentId } from '../../../../../shared/contracts/ids.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import type { Payment } from '../../../../../shared/contracts/payments.ts';
import { amountText } from '../../../../../shared/contracts/typed-amounts.ts';
import { failureSentence, needsOtherCard } from '../../sentences.ts';
import type { PayInput } from './pay-check.ts';

/** A form that is filled in from a failed payment. */
export type Retry = { input: PayInput; why: string; needsOtherCard: boolean };

/**
 * What the form of another attempt holds: all that the failed payment had, without the card where it was the
 * reason. Null when there is nothing to repeat: the payment has not failed, or another user has made it.
 */
export const retryOf = (payment: Payment, userId: string | undefined, locale: string): Retry | null => {
  const why = failureSentence(payment);
  if (why === null || payment.payer.id !== userId) return null;
  const { payee, amountMinor, currency, description, paymentMethod } = payment;
  const input = {
    payee,
    amount: amountText(amountMinor, currency, locale),
    locale,
    currency,
    paymentMethod: needsOtherCard(payment) ? '' : paymentMethod,
    description: description ?? '',
  };
  return { input, why, needsOtherCard: needsOtherCard(payment) };
};

/** The same for a payment's id; null also when the payment cannot be read: the form is empty then. */
export const readRetry = async (
  { client, session, locale }: Pick<Host, 'client' | 'session' | 'locale'>,
  id: string,
): Promise<Retry | null> => {
  try {
    const payment = await client.call(payments.actions.get, { id: id as PaymentId });
    return retryOf(payment, session.user()?.id, locale);
  } catch {
    return null;
  }
};
