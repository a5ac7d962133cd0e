import { Stripe } from 'stripe';

/** What came of asking the processor. */
export type Outcome =
  /** The money is reserved and waits to be captured. */
  | { kind: 'authorized'; intentId: string }
  /** The bank takes its time; an event will tell. */
  | { kind: 'pending'; intentId: string }
  | { kind: 'captured'; intentId: string }
  | { kind: 'voided'; intentId: string }
  | { kind: 'refunded'; intentId: string; refundId: string | null }
  /** It will not be paid this way; `message` is a sentence for the payer. */
  | { kind: 'declined'; intentId: string | null; code: string; message: string }
  /** The processor knows nothing of it. */
  | { kind: 'missing' }
  /** In a state that this request does not lead to. */
  | { kind: 'unexpected'; status: string; intentId: string | null }
  /**
   * No answer that says what happened: ask again with the same key. `replayed500`: the key is used up, it
   * answers the same for ever; `find` or `read` tells what was done.
   */
  | { kind: 'unavailable'; retryable: true; replayed500: boolean; cause: string };

const DECLINED_MESSAGE = 'The card was declined.';

/** How a PaymentIntent stands. */
export const outcomeOf = (intent: Stripe.PaymentIntent): Outcome => {
  const intentId = intent.id;
  switch (intent.status) {
    case 'requires_capture':
      return { kind: 'authorized', intentId };
    case 'processing':
      return { kind: 'pending', intentId };
    case 'succeeded':
      return { kind: 'captured', intentId };
    case 'canceled':
      return { kind: 'voided', intentId };
    case 'requires_payment_method': {
      const failure = intent.last_payment_error;
      if (!failure) return { kind: 'unexpected', status: intent.status, intentId };
      return {
        kind: 'declined',
        intentId,
        code: failure.decline_code ?? failure.code ?? 'declined',
        message: failure.message ?? DECLINED_MESSAGE,
      };
    }
    default:
      return { kind: 'unexpected', status: intent.status, intentId };
  }
};

const unavailable = (cause: string, replayed500 = false): Outcome => ({
  kind: 'unavailable',
  retryable: true,
  replayed500,
  cause,
});

type Errors = typeof Stripe.errors;
type StripeError = InstanceType<Errors['StripeError']>;

const isReplay = (error: StripeError): boolean => error.headers?.['idempotent-replayed'] === 'true';

/**
 * A saved refusal that is given again shows the PaymentIntent as it was then, which need not be how it is
 * now: only reading it tells.
 */
export const isOutOfDate = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError &&
  error.code === 'payment_intent_unexpected_state' &&
  isReplay(error);

/**
 * Refusals that no retry will change: about the request itself, or the state that the PaymentIntent is in.
 */
const outcomeOfRefusal = (error: StripeError): Outcome => {
  if (error.code === 'payment_intent_unexpected_state') {
    const intent = error.payment_intent;
    return intent ? outcomeOf(intent) : { kind: 'unexpected', status: error.code, intentId: null };
  }
  if (error.statusCode === 404) return { kind: 'missing' };
  return {
    kind: 'declined',
    intentId: error.payment_intent?.id ?? null,
    code: error.code ?? 'refused',
    message: 'The card processor did not accept this payment.',
  };
};

/**
 * What an error of the `stripe` package means for the payment.
 * @throws the error itself when it does not come from the processor or the way there
 */
export const outcomeOfError = (error: unknown): Outcome => {
  const { errors } = Stripe;
  if (!(error instanceof errors.StripeError)) throw error;
  if (error instanceof errors.StripeCardError) {
    return {
      kind: 'declined',
      intentId: error.payment_intent?.id ?? null,
      code: error.decline_code ?? error.code ?? 'declined',
      message: error.message || DECLINED_MESSAGE,
    };
  }
  // The key was used with other parameters, by an older version of this program: as lost as under a saved
  // 500.
  if (error instanceof errors.StripeIdempotencyError) return unavailable('idempotency', true);
  if (error instanceof errors.StripeInvalidRequestError) return outcomeOfRefusal(error);
  const cause = error.statusCode === undefined ? error.type : `${error.type} ${error.statusCode}`;
  return unavailable(cause, isReplay(error));
};
