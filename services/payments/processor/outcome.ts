import { Stripe } from 'stripe';

/** The result of a call to the processor. */
export type Outcome =
  /** The money is reserved and can be captured. */
  | { kind: 'authorized'; intentId: string }
  /** The bank has not answered yet; a webhook will follow. */
  | { kind: 'pending'; intentId: string }
  | { kind: 'captured'; intentId: string }
  | { kind: 'voided'; intentId: string }
  | { kind: 'refunded'; intentId: string; refundId: string | null }
  /** The payment is refused for good. */
  | { kind: 'declined'; intentId: string | null; code: string }
  /** The processor has no such PaymentIntent. */
  | { kind: 'missing' }
  /** A state that this request does not lead to. */
  | { kind: 'unexpected'; status: string; intentId: string | null }
  /**
   * The result is unknown: repeat the request with the same key. `replayed500`: the key always returns a
   * saved failure; `find` or `read` shows what was done.
   */
  | { kind: 'unavailable'; replayed500: boolean; cause: string };

/** The state of a PaymentIntent as an outcome. */
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
      };
    }
    default:
      return { kind: 'unexpected', status: intent.status, intentId };
  }
};

const unavailable = (cause: string, replayed500 = false): Outcome => ({
  kind: 'unavailable',
  replayed500,
  cause,
});

type Errors = typeof Stripe.errors;
type StripeError = InstanceType<Errors['StripeError']>;

const isReplay = (error: StripeError): boolean => error.headers?.['idempotent-replayed'] === 'true';

/**
 * Whether a replayed refusal shows the PaymentIntent as it was then. Its present state must be read.
 */
export const isOutOfDate = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError &&
  error.code === 'payment_intent_unexpected_state' &&
  isReplay(error);

/**
 * Refusals that a retry cannot change: caused by the request itself or by the PaymentIntent's state.
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
  };
};

/**
 * The outcome that an error of the `stripe` package stands for.
 * @throws the error itself when it comes neither from the processor nor from the network
 */
export const outcomeOfError = (error: unknown): Outcome => {
  const { errors } = Stripe;
  if (!(error instanceof errors.StripeError)) throw error;
  if (error instanceof errors.StripeCardError) {
    return {
      kind: 'declined',
      intentId: error.payment_intent?.id ?? null,
      code: error.decline_code ?? error.code ?? 'declined',
    };
  }
  // An older version of this program used the key with other parameters; treated like a saved 500.
  if (error instanceof errors.StripeIdempotencyError) return unavailable('idempotency', true);
  if (error instanceof errors.StripeInvalidRequestError) return outcomeOfRefusal(error);
  const cause = error.statusCode === undefined ? error.type : `${error.type} ${error.statusCode}`;
  return unavailable(cause, isReplay(error));
};
