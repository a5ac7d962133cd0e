import { postingsOf } from '../../../services/payments/domain/ledger.ts';
import type { OperationKind, Step } from '../../../services/payments/domain/operation.ts';
import { MOVED_METHOD } from '../../../services/payments/domain/payment.ts';
import type { PaymentId, UserId } from '../../../shared/contracts/ids.ts';
import type { Money } from '../../../shared/contracts/money.ts';
import { payments, type PaymentStatus } from '../../../shared/contracts/payments.ts';
import { idOf, oldIdRow } from './ids.ts';
import type { Reached } from './payment-history.ts';
import { timeAt, type Time } from './times.ts';
import type { TargetRow } from './table-mapping.ts';

/** What is known of a payment after all decisions. */
export type MappedPayment = Money & {
  oldId: string;
  id: PaymentId;
  kind: string;
  payerId: UserId;
  payeeId: UserId;
  status: PaymentStatus;
  description: string | null;
  metadata: Record<string, string>;
  failureCode: string | null;
  intentId: string | null;
  /** PaymentIntents of which the processor gives back what it holds. */
  givenBack: readonly string[];
  created: Time;
  updated: Time;
  reached: readonly Reached[];
};

const row = (table: string, values: TargetRow['values']): TargetRow => ({
  database: 'payments',
  table,
  values,
});

const paymentRow = (payment: MappedPayment): TargetRow =>
  row('payments', {
    id: payment.id,
    kind: payment.kind,
    payer_id: payment.payerId,
    payee_id: payment.payeeId,
    amount_minor: payment.amountMinor,
    currency: payment.currency,
    status: payment.status,
    // No card of the source is known; shown as "Card".
    payment_method: MOVED_METHOD,
    description: payment.description,
    metadata: JSON.stringify(payment.metadata),
    failure_code: payment.failureCode,
    version: 1 + payment.reached.length,
    created_at: payment.created.iso,
    updated_at: payment.updated.iso,
  });

const historyRows = ({ id, reached, failureCode }: MappedPayment): TargetRow[] =>
  reached.map(({ status, at }, index) =>
    row('payment_history', {
      payment_id: id,
      version: index + 2,
      status,
      reason: status === 'failed' ? failureCode : null,
      at: at.iso,
    }),
  );

const postingRows = (payment: MappedPayment): TargetRow[] => {
  const { id, payeeId, status, created, reached } = payment;
  const rows = (movement: 'opened' | 'completed' | 'reversed', at: Time): TargetRow[] =>
    postingsOf(movement, payment, payeeId).map(({ account, ownerId, currency, amountMinor }) =>
      row('postings', {
        payment_id: id,
        movement,
        account,
        owner_id: ownerId,
        currency,
        amount_minor: amountMinor,
        at: at.iso,
      }),
    );
  const opened = rows('opened', created);
  const last = reached.at(-1)?.at ?? created;
  if (status === 'pending' || status === 'processing') return opened;
  return [...opened, ...rows(status === 'completed' ? 'completed' : 'reversed', last)];
};

const STEPS: Readonly<Partial<Record<PaymentStatus, Step>>> = { pending: 'await', processing: 'capture' };

/**
 * The charge: that of an open payment continues with the processor's PaymentIntent, as soon as the service
 * runs. Then the reversals: the first one is of the charge's PaymentIntent.
 */
const operationRows = (payment: MappedPayment, nowMs: number): TargetRow[] => {
  const { id, amountMinor, status, intentId, givenBack } = payment;
  const operation = (kind: OperationKind, part: string, step: Step, intent: string | null): TargetRow =>
    row('processor_operations', {
      id: `${id}:${kind}${part}`,
      payment_id: id,
      kind,
      amount_minor: amountMinor,
      step,
      intent_id: intent,
      next_attempt_at: step === 'done' ? null : timeAt(nowMs).iso,
    });
  return [
    operation('charge', '', STEPS[status] ?? 'done', intentId),
    ...givenBack.map((intent) =>
      intent === intentId
        ? operation('reversal', '', 'reverse', null)
        : operation('reversal', `:${intent}`, 'reverse', intent),
    ),
  ];
};

const EVENTS = {
  pending: payments.events.created,
  processing: payments.events.processing,
  completed: payments.events.completed,
  failed: payments.events.failed,
  cancelled: payments.events.cancelled,
} as const satisfies Record<PaymentStatus, object>;

/** As long as publishers keep events (EVENTS_KEPT_DAYS). */
const KEPT_MS = 7 * 86_400_000;

/**
 * The events of the last days as published ones: nothing is emitted again, and a service that is added later
 * can be sent them. They count as published when the copy began, so that they stay as long as any others.
 */
const eventRows = (payment: MappedPayment, nowMs: number): TargetRow[] => {
  const { oldId, id, payerId, payeeId, amountMinor, currency, created, reached } = payment;
  const all: Reached[] = [{ status: 'pending', at: created }, ...reached];
  return all.flatMap(({ status, at }, index) => {
    if (at.ms < nowMs - KEPT_MS) return [];
    const version = index + 1;
    const payload = { id, payerId, payeeId, amountMinor, currency, status, version, at: at.iso };
    return row('published_events', {
      id: idOf('event', { table: 'payments', id: oldId, part: status }, at.ms),
      event: EVENTS[status].name,
      version: EVENTS[status].version,
      payload: JSON.stringify(payload),
      occurred_at: at.iso,
      published_at: timeAt(nowMs).iso,
    });
  });
};

/** All rows of a payment, as the service would have written them. */
export const paymentRows = (payment: MappedPayment, nowMs: number): TargetRow[] => [
  paymentRow(payment),
  oldIdRow('payments', payment.oldId, payment.id),
  ...historyRows(payment),
  ...postingRows(payment),
  ...operationRows(payment, nowMs),
  ...eventRows(payment, nowMs),
];
