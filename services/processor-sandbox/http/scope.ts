import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Fault } from '../domain/faults.ts';
import type { Change, Surroundings } from '../domain/payment-intent.ts';
import { insertCharge } from '../persistence/charges.ts';
import { insertWebhookEvents } from '../persistence/webhook-events.ts';
import { insertIntent, updateIntent } from '../persistence/intents.ts';
import { WEBHOOK_EVENTS_WORK, stripeId, type Sandbox } from '../processor-sandbox.ts';
import { intentObject } from './objects.ts';

/** A write with its open transaction. */
export type Scope = {
  sandbox: Sandbox;
  tx: Transaction;
  now: Date;
  requestId: string | null;
  idempotencyKey: string | null;
  fault: Fault;
};

export type ScheduledEvent = { type: string; object: object };

/** Long enough for a delivery before the answer; a failed one is due again after it. */
const HELD_BACK_MS = 15_000;

export const surroundings = ({ sandbox, now }: Scope): Surroundings => ({
  now,
  pendingMs: sandbox.config.pendingMs,
  newChargeId: () => stripeId('ch'),
});

/** Stores a PaymentIntent's change, and the charge if money was captured. */
export const keepChange = async (
  scope: Scope,
  { intent, events }: Change,
  kept: 'new' | 'known',
): Promise<ScheduledEvent[]> => {
  await (kept === 'new' ? insertIntent : updateIntent)(scope.tx, intent);
  if (events.includes('payment_intent.succeeded') && intent.latestCharge && intent.paymentMethod) {
    await insertCharge(scope.tx, {
      id: intent.latestCharge,
      createdAt: scope.now,
      paymentIntent: intent.id,
      amount: intent.amountReceived,
      amountRefunded: 0,
      currency: intent.currency,
      paymentMethod: intent.paymentMethod,
      description: intent.description,
      metadata: intent.metadata,
    });
  }
  return events.map((type) => ({ type, object: intentObject(intent) }));
};

/**
 * Stores the events and schedules their delivery as the fault demands. Returns the ids of those to deliver.
 */
export const scheduleDelivery = async (scope: Scope, scheduled: ScheduledEvent[]): Promise<string[]> => {
  if (scheduled.length === 0) return [];
  const { sandbox, tx, now, requestId, idempotencyKey, fault } = scope;
  const times = { normal: 1, 'before-answer': 1, twice: 2, never: 0 }[fault.webhooks ?? 'normal'];
  const events = scheduled.map((event) => ({
    ...event,
    times: sandbox.config.isWanted(event.type) ? times : 0,
    id: stripeId('evt'),
    createdAt: now,
    requestId,
    idempotencyKey,
  }));
  const from = fault.webhooks === 'before-answer' ? new Date(now.getTime() + HELD_BACK_MS) : now;
  await insertWebhookEvents(tx, events, from);
  tx.afterCommit(() => sandbox.db.wake(WEBHOOK_EVENTS_WORK));
  return events.filter((event) => event.times > 0).map((event) => event.id);
};
