import { Agent as HttpsAgent } from 'node:https';
import * as z from 'zod/mini';
import { systemClock } from '../../../broker/process/clock.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import { Agent as HttpAgent } from '../../../broker/process/http.ts';
import type { Currency } from '../../../shared/contracts/currencies.ts';
import type { Money } from '../../../shared/contracts/money.ts';
import { toStripeAmount } from './minor-units.ts';
import type { Outcome } from '../domain/outcome.ts';
import { isOutOfDate, outcomeOf, outcomeOfError, outcomeOfRefund } from './outcome.ts';
import { readWith } from './read-intent.ts';
import { StripeClient, type Stripe } from './stripe.ts';

export type ProcessorOptions = { url: string; secretKey: string; timeoutMs: number };

type Authorization = {
  paymentId: string;
  amountMinor: number;
  currency: Currency;
  paymentMethod: string;
  description: string | null;
  /** See `Attempt`. */
  attempt?: Attempt;
};

/**
 * Number of the idempotency key, 1 by default. Requests with the same number share a key. The next number
 * replaces a key that returns a saved answer which no longer helps.
 */
type Attempt = number;

/** Where to look for a payment's PaymentIntents: those created in this time, beginning after `after`. */
type Search = { paymentId: string; fromMs: number; toMs: number; after: string | null };
/** The payment's PaymentIntents on one page, and where the next page begins; null after the last one. */
type SearchPage = { kind: 'page'; intents: (Outcome & { intentId: string })[]; next: string | null };

export type ProcessorWebhook = {
  id: string;
  type: string;
  intentId: string | null;
  paymentId: string | null;
};

/** The card processor. Every result is an outcome; only bugs throw. */
export type Processor = {
  /** Reserves the money: `authorized`, `pending`, `declined` or `unavailable`. */
  authorize(authorization: Authorization): Promise<Outcome>;
  /** Captures the reserved amount: `captured`, also if it was before; `voided` if it was cancelled before. */
  capture(paymentId: string, intentId: string, attempt?: Attempt): Promise<Outcome>;
  /** Releases a reservation: `voided`, also if it was before; `captured` if it is too late. */
  void(intentId: string, attempt?: Attempt): Promise<Outcome>;
  /**
   * Refunds what is left of the captured amount: `refunded` once refunds of all of it have succeeded, also if
   * that was before; `refund_pending`; `refund_failed`, after which the next call makes another refund.
   */
  refund(intentId: string, attempt?: Attempt): Promise<Outcome>;
  /** Reads the PaymentIntent's state: `missing` if there is none, `unexpected` if it holds another sum. */
  read(intentId: string, sum?: Money): Promise<Outcome>;
  /** Reads one page of all PaymentIntents of a time, for those of one payment whose answers were lost. */
  search(search: Search): Promise<SearchPage | (Outcome & { kind: 'unavailable' })>;
  /** Closes the connections. */
  close(): void;
};

const PAGE = 100;
/** The processor's clock and ours may differ. */
const SEARCH_MARGIN_S = 600;
const MAX_CONNECTIONS = 50;

const keyOf = (id: string, step: string, attempt: Attempt = 1): string =>
  `${id}${step}${attempt > 1 ? `:${attempt}` : ''}`;

const openStripe = ({ url, secretKey, timeoutMs }: ProcessorOptions) => {
  const { protocol, hostname, port } = new URL(url);
  const isPlain = protocol === 'http:';
  // The package's time limit begins with the connection, this one before it.
  const agentOptions = { keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: timeoutMs };
  const agent = isPlain ? new HttpAgent(agentOptions) : new HttpsAgent(agentOptions);
  const stripe = new StripeClient(secretKey, {
    host: hostname,
    port: port || (isPlain ? 80 : 443),
    protocol: isPlain ? 'http' : 'https',
    timeout: timeoutMs,
    // The driver retries from its rows; a retry in here would only delay it.
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: StripeClient.createNodeHttpClient(agent),
  });
  return { stripe, close: () => agent.destroy() };
};

const outcomeOfRequest = async (request: Promise<Stripe.PaymentIntent>): Promise<Outcome> => {
  try {
    return outcomeOf(await request);
  } catch (error) {
    return outcomeOfError(error);
  }
};

/** Like `outcomeOfRequest`, for a request whose replayed answer may show an old state. */
const currentOutcome = async (
  stripe: Stripe,
  intentId: string,
  request: Promise<Stripe.PaymentIntent>,
): Promise<Outcome> => {
  try {
    return outcomeOf(await request);
  } catch (error) {
    return isOutOfDate(error)
      ? outcomeOfRequest(stripe.paymentIntents.retrieve(intentId))
      : outcomeOfError(error);
  }
};

const authorizeWith =
  (stripe: Stripe) =>
  async ({
    paymentId,
    amountMinor,
    currency,
    paymentMethod,
    description,
    attempt,
  }: Authorization): Promise<Outcome> => {
    const amount = toStripeAmount({ amountMinor, currency });
    if ('refused' in amount) {
      return { kind: 'declined', intentId: null, code: 'amount_not_chargeable' };
    }
    return outcomeOfRequest(
      stripe.paymentIntents.create(
        {
          ...amount,
          payment_method: paymentMethod,
          allowed_payment_method_types: ['card'],
          capture_method: 'manual',
          confirm: true,
          metadata: { payment_id: paymentId },
          ...(description && { description }),
        },
        { idempotencyKey: keyOf(paymentId, '', attempt) },
      ),
    );
  };

const isDead = ({ status }: Stripe.Refund): boolean => status === 'failed' || status === 'canceled';

const refundWith =
  (stripe: Stripe) =>
  async (intentId: string, attempt: Attempt = 1): Promise<Outcome> => {
    try {
      const { data: refunds } = await stripe.refunds.list({ payment_intent: intentId, limit: PAGE });
      const open = refunds.find(({ status }) => status === 'pending' || status === 'requires_action');
      if (open) return outcomeOfRefund(open, intentId);
      // A key returns the first answer of its refund for ever, also after that refund has failed.
      const idempotencyKey = keyOf(intentId, ':refund', attempt + refunds.filter(isDead).length);
      try {
        const refund = await stripe.refunds.create({ payment_intent: intentId }, { idempotencyKey });
        // A replayed answer shows the refund as it was at first.
        return outcomeOfRefund(refunds.find(({ id }) => id === refund.id) ?? refund, intentId);
      } catch (error) {
        const isRefunded =
          error instanceof StripeClient.errors.StripeError && error.code === 'charge_already_refunded';
        if (!isRefunded) return outcomeOfError(error);
        const last = refunds.find((refund) => !isDead(refund));
        return last ? outcomeOfRefund(last, intentId) : { kind: 'refund_pending', intentId };
      }
    } catch (error) {
      return outcomeOfError(error);
    }
  };

const searchWith =
  (stripe: Stripe): Processor['search'] =>
  async ({ paymentId, fromMs, toMs, after }) => {
    const gte = Math.floor(fromMs / 1_000) - SEARCH_MARGIN_S;
    const lte = Math.ceil(toMs / 1_000) + SEARCH_MARGIN_S;
    try {
      const { data, has_more: hasMore } = await stripe.paymentIntents.list({
        created: { gte, lte },
        limit: PAGE,
        ...(after !== null && { starting_after: after }),
      });
      const intents = data
        .filter(({ metadata }) => metadata['payment_id'] === paymentId)
        .map((intent) => ({ ...outcomeOf(intent), intentId: intent.id }) as Outcome & { intentId: string });
      return { kind: 'page', intents, next: hasMore ? (data.at(-1)?.id ?? null) : null };
    } catch (error) {
      const outcome = outcomeOfError(error);
      return outcome.kind === 'unavailable'
        ? outcome
        : { kind: 'unavailable', replayed500: false, cause: `search: ${outcome.kind}` };
    }
  };

/**
 * A client of the card processor at `url`, on the official `stripe` package.
 * @param options.timeoutMs time limit of a request; after it the outcome is `unavailable`
 */
export const createProcessor = (options: ProcessorOptions): Processor => {
  const { stripe, close } = openStripe(options);
  return {
    authorize: authorizeWith(stripe),
    capture: (paymentId, intentId, attempt) => {
      const idempotencyKey = keyOf(paymentId, ':capture', attempt);
      return currentOutcome(
        stripe,
        intentId,
        stripe.paymentIntents.capture(intentId, {}, { idempotencyKey }),
      );
    },
    void: (intentId, attempt) => {
      const idempotencyKey = keyOf(intentId, ':void', attempt);
      return currentOutcome(stripe, intentId, stripe.paymentIntents.cancel(intentId, {}, { idempotencyKey }));
    },
    refund: refundWith(stripe),
    read: readWith(stripe),
    search: searchWith(stripe),
    close,
  };
};

const DEFAULT_TOLERANCE_S = 300;

/** Text of other systems in a stored column: an id, or null where it is none of ours. */
const idOrNull = z.catch(z.nullable(z.string().check(z.regex(/^\w{1,255}$/))), null);

/** A snapshot event (https://docs.stripe.com/event-destinations); `data.object` has the type of the event. */
const snapshotEvent = z.object({
  id: z.string().check(z.regex(/^\w{1,255}$/)),
  type: z.string().check(z.regex(/^[\w.]{1,255}$/)),
  data: z.object({
    object: z.object({
      id: idOrNull,
      object: z.catch(z.string(), ''),
      payment_intent: idOrNull,
      metadata: z.catch(z.object({ payment_id: idOrNull }), { payment_id: null }),
    }),
  }),
});

const isSigned = (
  body: string,
  header: string,
  secret: string,
  toleranceS: number,
  nowMs: number,
): boolean => {
  try {
    return (
      StripeClient.webhooks.signature?.verifyHeader(body, header, secret, toleranceS, undefined, nowMs) ??
      false
    );
  } catch {
    return false;
  }
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/**
 * Verifies the signature and its time and reads a webhook (https://docs.stripe.com/webhooks/signature).
 * @param rawBody the body, byte for byte
 * @param secrets one of them has signed the body: two while a new secret replaces the old one
 * @param nowMs the present time; the system's by default
 * @throws AppError `webhook_signature` when the signature is missing, wrong, or off by more than the
 *   tolerance; `webhook_thin_event` for a signed event without its object; `bad_request` for any other signed
 *   text
 */
export const parseWebhook = (
  rawBody: string,
  signature: string,
  secrets: readonly string[],
  toleranceS: number = DEFAULT_TOLERANCE_S,
  nowMs: number = systemClock.nowMs(),
): ProcessorWebhook => {
  const signedAtMs = Number(/(?:^|,)t=(\d+)/.exec(signature)?.[1] ?? 0) * 1_000;
  // The package limits the age only; a time far in the future would keep a captured webhook valid.
  const isAhead = signedAtMs > nowMs + toleranceS * 1_000;
  if (isAhead || !secrets.some((secret) => isSigned(rawBody, signature, secret, toleranceS, nowMs)))
    throw new AppError('webhook_signature');
  const body = parseJson(rawBody);
  if ((body as { object?: unknown } | null)?.object === 'v2.core.event')
    throw new AppError('webhook_thin_event');
  const event = snapshotEvent.safeParse(body);
  if (!event.success)
    throw new AppError('bad_request', { detail: 'The body is not an event of the card processor.' });
  const { id, type, data } = event.data;
  return {
    id,
    type,
    intentId: data.object.object === 'payment_intent' ? data.object.id : data.object.payment_intent,
    paymentId: data.object.metadata.payment_id,
  };
};
