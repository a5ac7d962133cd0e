import type { Outcome } from '../domain/outcome.ts';
import { StripeClient, type Stripe } from './stripe.ts';

/** The state of a PaymentIntent as an outcome. */
export const outcomeOf = (intent: Stripe.PaymentIntent): Outcome => {
  const intentId = intent.id;
  switch (intent.status) {
    case 'requires_capture':
      return { kind: 'authorized', intentId };
    case 'processing':
      return { kind: 'pending', intentId };
    case 'succeeded':
      return intent.amount_received < intent.amount
        ? { kind: 'captured', intentId, partial: true }
        : { kind: 'captured', intentId };
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

/** The state of a refund as an outcome. `failure_reason`: https://docs.stripe.com/refunds#failed-refunds */
export const outcomeOfRefund = (refund: Stripe.Refund, intentId: string): Outcome => {
  const { id, status, failure_reason: reason } = refund;
  if (status === 'succeeded') return { kind: 'refunded', intentId, refundId: id };
  if (status === 'failed' || status === 'canceled') {
    return { kind: 'refund_failed', intentId, code: reason ?? `refund_${status}` };
  }
  return { kind: 'refund_pending', intentId };
};

const unavailable = (cause: string, replayed500 = false): Outcome => ({
  kind: 'unavailable',
  replayed500,
  cause,
});

type Errors = typeof StripeClient.errors;
type StripeError = InstanceType<Errors['StripeError']>;

const isReplay = (error: StripeError): boolean => error.headers?.['idempotent-replayed'] === 'true';

/**
 * Whether a replayed refusal shows the PaymentIntent as it was then. Its present state must be read.
 */
export const isOutOfDate = (error: unknown): boolean =>
  error instanceof StripeClient.errors.StripeError &&
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
  const { errors } = StripeClient;
  if (!(error instanceof errors.StripeError)) throw error;
  if (error instanceof errors.StripeCardError) {
    return {
      kind: 'declined',
      intentId: error.payment_intent?.id ?? null,
      code: error.decline_code ?? error.code ?? 'declined',
    };
  }
  // The first request under the key is still running.
  if (error.statusCode === 409) return unavailable(error.code ?? 'conflict');
  // An older version of this program used the key with other parameters; treated like a saved 500.
  if (error instanceof errors.StripeIdempotencyError) return unavailable('idempotency', true);
  if (error instanceof errors.StripeInvalidRequestError) return outcomeOfRefusal(error);
  const cause = error.statusCode === undefined ? error.type : `${error.type} ${error.statusCode}`;
  return unavailable(cause, isReplay(error));
};
