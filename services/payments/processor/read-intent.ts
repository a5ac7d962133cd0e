import type { Stripe } from 'stripe';
import type { Money } from '../../../shared/contracts/money.ts';
import { mayHoldMoney, type Outcome } from '../domain/outcome.ts';
import { toStripeAmount } from './minor-units.ts';
import { outcomeOf, outcomeOfError } from './outcome.ts';

/** Whether the PaymentIntent is about this sum. */
const isAbout = (intent: Stripe.PaymentIntent, sum: Money): boolean => {
  const asked = toStripeAmount(sum);
  return 'amount' in asked && asked.amount === intent.amount && asked.currency === intent.currency;
};

/** See `Processor.read`. */
export const readWith =
  (stripe: Stripe) =>
  async (intentId: string, sum?: Money): Promise<Outcome> => {
    try {
      const intent = await stripe.paymentIntents.retrieve(intentId);
      const outcome = outcomeOf(intent);
      return !sum || isAbout(intent, sum) || !mayHoldMoney(outcome)
        ? outcome
        : { kind: 'unexpected', status: 'amount_differs', intentId };
    } catch (error) {
      return outcomeOfError(error);
    }
  };
