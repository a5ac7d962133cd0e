import type { Decline } from './test-cards.ts';
import { answerOf } from './test-cards.ts';
import { invalidRequest, type Problem } from './problem.ts';

export const INTENT_STATUSES = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
] as const;
export type IntentStatus = (typeof INTENT_STATUSES)[number];

export type Intent = {
  id: string;
  createdAt: Date;
  status: IntentStatus;
  /** In Stripe's minor units, as all amounts here. */
  amount: number;
  amountReceived: number;
  currency: string;
  captureMethod: 'manual' | 'automatic';
  paymentMethod: string | null;
  description: string | null;
  metadata: Record<string, string>;
  lastPaymentError: Decline | null;
  latestCharge: string | null;
  canceledAt: Date | null;
  cancellationReason: string | null;
  /** When a slow bank answers; only while processing. */
  settlesAt: Date | null;
};

export type Command =
  | { kind: 'confirm'; paymentMethod?: string }
  | { kind: 'settle' }
  | { kind: 'capture'; amount?: number }
  | { kind: 'cancel'; reason?: string };

type IntentEvent =
  | 'payment_intent.created'
  | 'payment_intent.processing'
  | 'payment_intent.requires_action'
  | 'payment_intent.amount_capturable_updated'
  | 'payment_intent.succeeded'
  | 'payment_intent.payment_failed'
  | 'payment_intent.canceled';

/** Inputs of a decision: the time, and how long a slow bank takes. */
export type Surroundings = { now: Date; pendingMs: number; newChargeId: () => string };

export type Change = { intent: Intent; events: IntentEvent[]; declined: Decline | null };

/** The states that allow a command; all others refuse it. */
export const TAKEN_IN: Readonly<Record<Command['kind'], readonly IntentStatus[]>> = {
  confirm: ['requires_payment_method', 'requires_confirmation', 'requires_action'],
  settle: ['processing'],
  capture: ['requires_capture'],
  cancel: [
    'requires_payment_method',
    'requires_confirmation',
    'requires_action',
    'processing',
    'requires_capture',
  ],
};

const refusal = ({ status, id }: Intent, { kind }: Command): Problem =>
  invalidRequest(
    `You cannot ${kind} this PaymentIntent (${id}) because it has a status of ${status}. ` +
      `Only a PaymentIntent with one of the following statuses may do so: ${TAKEN_IN[kind].join(', ')}.`,
    { code: 'payment_intent_unexpected_state' },
  );

const changed = (intent: Intent, event: IntentEvent, declined: Decline | null = null): Change => ({
  intent,
  events: [event],
  declined,
});

const take = (intent: Intent, amount: number, around: Surroundings): Change =>
  changed(
    {
      ...intent,
      status: 'succeeded',
      amountReceived: amount,
      latestCharge: around.newChargeId(),
      settlesAt: null,
    },
    'payment_intent.succeeded',
  );

const approve = (intent: Intent, around: Surroundings): Change =>
  intent.captureMethod === 'automatic'
    ? take(intent, intent.amount, around)
    : changed(
        { ...intent, status: 'requires_capture', settlesAt: null },
        'payment_intent.amount_capturable_updated',
      );

const confirm = (intent: Intent, given: string | undefined, around: Surroundings): Change | Problem => {
  const paymentMethod = given ?? intent.paymentMethod;
  if (!paymentMethod) {
    return invalidRequest('You cannot confirm this PaymentIntent because it is missing a payment method.', {
      code: 'payment_intent_unexpected_state',
    });
  }
  const answer = answerOf(paymentMethod);
  if (!answer) return noSuchMethod(paymentMethod);
  const asked: Intent = { ...intent, paymentMethod, lastPaymentError: null };
  if (answer.kind === 'approves') return approve(asked, around);
  if (answer.kind === 'takes-its-time') {
    const settlesAt = new Date(around.now.getTime() + around.pendingMs);
    return changed({ ...asked, status: 'processing', settlesAt }, 'payment_intent.processing');
  }
  if (answer.kind === 'asks-the-payer') {
    return changed({ ...asked, status: 'requires_action' }, 'payment_intent.requires_action');
  }
  const lastPaymentError = answer.decline;
  return changed(
    { ...asked, status: 'requires_payment_method', paymentMethod: null, lastPaymentError },
    'payment_intent.payment_failed',
    lastPaymentError,
  );
};

const capture = (intent: Intent, amount: number, around: Surroundings): Change | Problem =>
  amount > intent.amount
    ? invalidRequest(
        `The amount to capture (${amount}) is greater than the amount authorized (${intent.amount}).`,
        { code: 'amount_too_large', param: 'amount_to_capture' },
      )
    : take(intent, amount, around);

export const noSuchMethod = (paymentMethod: string): Problem =>
  invalidRequest(`No such PaymentMethod: '${paymentMethod}'`, {
    code: 'resource_missing',
    param: 'payment_method',
  });

/**
 * Applies a command to a PaymentIntent: the change, or the reason for a refusal. No other function changes
 * one.
 */
export const decide = (intent: Intent, command: Command, around: Surroundings): Change | Problem => {
  if (!TAKEN_IN[command.kind].includes(intent.status)) return refusal(intent, command);
  if (command.kind === 'confirm') return confirm(intent, command.paymentMethod, around);
  if (command.kind === 'settle') return approve(intent, around);
  if (command.kind === 'capture') return capture(intent, command.amount ?? intent.amount, around);
  return changed(
    {
      ...intent,
      status: 'canceled',
      settlesAt: null,
      canceledAt: around.now,
      cancellationReason: command.reason ?? null,
    },
    'payment_intent.canceled',
  );
};

export const isProblem = (outcome: object): outcome is Problem => 'type' in outcome && 'message' in outcome;

/** The amount that can be captured now. */
export const amountCapturable = (intent: Intent): number =>
  intent.status === 'requires_capture' ? intent.amount : 0;
