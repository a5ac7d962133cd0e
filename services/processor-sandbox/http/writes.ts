import type * as z from 'zod/mini';
import { CURRENCY_RULES, type Currency } from '../../../shared/contracts/currencies.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { Subject } from '../domain/faults.ts';
import { decide, isProblem, noSuchMethod, type Command, type Intent } from '../domain/payment-intent.ts';
import { invalidRequest, missing, type Problem } from '../domain/problem.ts';
import { refundable, type Refund } from '../domain/refund.ts';
import { answerOf } from '../domain/test-cards.ts';
import { insertRefund, lockCharge } from '../persistence/charges.ts';
import { lockIntent, readIntent } from '../persistence/intents.ts';
import { stripeId } from '../processor-sandbox.ts';
import { chargeObject, intentObject, refundObject } from './objects.ts';
import { cancelParams, captureParams, confirmParams, createParams, refundParams } from './params.ts';
import { ok, refused, type Reply } from './reply.ts';
import { keepChange, surroundings, type Scope, type ScheduledEvent } from './scope.ts';

export type Outcome = { reply: Reply; scheduled: ScheduledEvent[] };

/** A write. `check` refuses before anything begins, so that no key is used up. */
export type Write<S extends z.ZodMiniType = z.ZodMiniType> = {
  schema: S;
  check: (params: z.output<S>) => Problem | null;
  subject: (db: Queryable, params: z.output<S>, id: string) => Promise<Subject>;
  run: (scope: Scope, params: z.output<S>, id: string) => Promise<Outcome>;
};

/** Binds params to their schema, so that the table of routes need not know them. */
const write = <S extends z.ZodMiniType>(parts: Write<S>): Write => parts as unknown as Write;

const nothing = (problem: Problem): Outcome => ({ reply: refused(problem), scheduled: [] });

const unknownMethod = ({
  payment_method: method,
}: {
  payment_method?: string | undefined;
}): Problem | null => (method !== undefined && !answerOf(method) ? noSuchMethod(method) : null);

const ofIntent =
  (operation: Subject['operation']) =>
  async (db: Queryable, _params: unknown, id: string): Promise<Subject> => {
    const intent = await readIntent(db, id);
    return { operation, amount: intent?.amount ?? 0, metadata: intent?.metadata ?? {} };
  };

const answered = (intent: Intent, declined: Intent['lastPaymentError']): Reply =>
  declined ? refused({ status: 402, type: 'card_error', ...declined }, intent) : ok(intentObject(intent));

/** Runs a command on an existing PaymentIntent. */
const command = async (scope: Scope, id: string, given: Command): Promise<Outcome> => {
  const intent = await lockIntent(scope.tx, id);
  if (!intent) return nothing(missing('payment_intent', id, 'intent'));
  const change = decide(intent, given, surroundings(scope));
  if (isProblem(change)) return { reply: refused(change, intent), scheduled: [] };
  const scheduled = await keepChange(scope, change, 'known');
  return { reply: answered(change.intent, change.declined), scheduled };
};

export const createIntent = write({
  schema: createParams,
  check: (params) => {
    const { digits } = CURRENCY_RULES[params.currency.toUpperCase() as Currency];
    if (digits === 3 && params.amount % 10 !== 0) {
      return invalidRequest('Amounts in three-decimal currencies must end in 0.', {
        code: 'parameter_invalid_integer',
        param: 'amount',
      });
    }
    if (params.confirm && params.payment_method === undefined) {
      return invalidRequest('Missing required param: payment_method.', {
        code: 'parameter_missing',
        param: 'payment_method',
      });
    }
    return unknownMethod(params);
  },
  subject: async (_db, { amount, metadata }) => ({ operation: 'create', amount, metadata: metadata ?? {} }),
  run: async (scope, params) => {
    const intent: Intent = {
      id: stripeId('pi'),
      createdAt: scope.now,
      status: params.payment_method ? 'requires_confirmation' : 'requires_payment_method',
      amount: params.amount,
      amountReceived: 0,
      currency: params.currency,
      captureMethod: params.capture_method === 'manual' ? 'manual' : 'automatic',
      paymentMethod: params.payment_method ?? null,
      description: params.description ?? null,
      metadata: params.metadata ?? {},
      lastPaymentError: null,
      latestCharge: null,
      canceledAt: null,
      cancellationReason: null,
      settlesAt: null,
    };
    const created: ScheduledEvent = { type: 'payment_intent.created', object: intentObject(intent) };
    const change = params.confirm ? decide(intent, { kind: 'confirm' }, surroundings(scope)) : null;
    if (change && isProblem(change)) return nothing(change);
    const { intent: final, events, declined } = change ?? { intent, events: [], declined: null };
    const scheduled = await keepChange(scope, { intent: final, events, declined }, 'new');
    return { reply: answered(final, declined), scheduled: [created, ...scheduled] };
  },
});

export const confirmIntent = write({
  schema: confirmParams,
  check: unknownMethod,
  subject: ofIntent('confirm'),
  run: (scope, params, id) =>
    command(scope, id, {
      kind: 'confirm',
      ...(params.payment_method !== undefined && { paymentMethod: params.payment_method }),
    }),
});

export const captureIntent = write({
  schema: captureParams,
  check: () => null,
  subject: ofIntent('capture'),
  run: (scope, params, id) =>
    command(scope, id, {
      kind: 'capture',
      ...(params.amount_to_capture !== undefined && { amount: params.amount_to_capture }),
    }),
});

export const cancelIntent = write({
  schema: cancelParams,
  check: () => null,
  subject: ofIntent('cancel'),
  run: (scope, params, id) =>
    command(scope, id, {
      kind: 'cancel',
      ...(params.cancellation_reason !== undefined && { reason: params.cancellation_reason }),
    }),
});

const refundState = ({ fault, now, sandbox }: Scope): Pick<Refund, 'status' | 'settlesAt'> => {
  const status = fault.refundStatus ?? 'succeeded';
  const isPending = status === 'pending';
  return { status, settlesAt: isPending ? new Date(now.getTime() + sandbox.config.pendingMs) : null };
};

export const createRefund = write({
  schema: refundParams,
  check: (params) =>
    params.charge === undefined && params.payment_intent === undefined
      ? invalidRequest('One of the following params should be provided: payment_intent or charge.', {
          code: 'parameter_missing',
          param: 'payment_intent',
        })
      : null,
  subject: (db, params) => ofIntent('refund')(db, params, params.payment_intent ?? ''),
  run: async (scope, params) => {
    const of = params.charge ?? params.payment_intent ?? '';
    const charge = await lockCharge(scope.tx, of);
    if (!charge) return nothing(await noCharge(scope, of, params.charge === undefined));
    const amount = refundable(charge, params.amount);
    if (typeof amount !== 'number') return nothing(amount);
    const refund: Refund = {
      id: stripeId('re'),
      createdAt: scope.now,
      charge: charge.id,
      paymentIntent: charge.paymentIntent,
      amount,
      currency: charge.currency,
      reason: params.reason ?? null,
      metadata: params.metadata ?? {},
      ...refundState(scope),
    };
    await insertRefund(scope.tx, refund);
    const reply = ok(refundObject(refund, scope.now));
    if (refund.status === 'failed') return { reply, scheduled: [] };
    const after = { ...charge, amountRefunded: charge.amountRefunded + amount };
    return { reply, scheduled: [{ type: 'charge.refunded', object: chargeObject(after) }] };
  },
});

const noCharge = async (scope: Scope, id: string, isIntent: boolean): Promise<Problem> => {
  if (!isIntent) return missing('charge', id, 'charge');
  const intent = await readIntent(scope.tx, id);
  return intent
    ? invalidRequest(`This PaymentIntent (${id}) does not have a successful charge to refund.`, {
        code: 'payment_intent_unexpected_state',
      })
    : missing('payment_intent', id, 'payment_intent');
};
