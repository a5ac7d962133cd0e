import type { Queryable } from '../../../broker/postgres/database.ts';
import { OUTBOX_COLUMNS } from '../../../broker/events/outbox.ts';
import { payments, type PaymentStatus } from '../../../shared/contracts/payments.ts';
import { postingsFor } from '../domain/ledger.ts';
import { after, stepAfter, type PaymentTransition } from '../domain/payment.ts';
import { countPayment } from '../metrics.ts';
import type { PaymentsService } from '../payments.ts';
import type { PaymentRow } from './payments.ts';
import { columnsOf } from './posting-columns.ts';

const SAVE_TRANSITION = `
  with changed as (
    update payments set status = $5, step = $6, version = version + 1, updated_at = $7, key_try = 1,
      claim = case when $8::timestamptz is not null then claim end,
      attempts = case when $8::timestamptz is not null then 1 else 0 end,
      next_attempt_at = case when $6 = 'done' then null else coalesce($8, $7::timestamptz) end,
      intent_id = coalesce($9, intent_id), failure_code = $10
    where id = $1 and version = $2 and claim is not distinct from $3 and attempts = $4
    returning *
  ), history as (
    insert into payment_history (payment_id, version, status, reason, at)
    select id, version, status, $11, $7 from changed
  ), posted as (
    insert into postings (payment_id, movement, account, owner_id, currency, amount_minor, at)
    select id, posting.movement, posting.account, posting.owner_id, currency, posting.amount_minor, $7
    from changed, unnest($12::text[], $13::text[], $14::text[], $15::bigint[])
      as posting (movement, account, owner_id, amount_minor)
  ), published as (
    insert into outbox ${OUTBOX_COLUMNS}
    select $16, $17, $18, $19, $20, $21 from changed
  )
  select * from changed`;

export type TransitionDetails = {
  /** Why, as a code: of a decline, or `cancelled_by_payer`. */
  reason?: string;
  intentId?: string | null;
  /** Keeps the claim until this time, for a driver that continues with the next step at once. */
  claimedUntil?: Date;
};

const EVENTS = {
  pending: payments.events.created,
  processing: payments.events.processing,
  completed: payments.events.completed,
  failed: payments.events.failed,
  cancelled: payments.events.cancelled,
} as const satisfies Record<PaymentStatus, object>;

/**
 * Moves a payment to its next status: row, history, postings and event in one statement, which is one
 * transaction and one round trip. No other function changes a status.
 * @param row as it was read
 * @param db the transaction that holds the row's lock, where there is one
 * @returns the new row; null when the status allows no such transition, or when the row was moved, claimed or
 *   released since it was read: nothing is written then
 */
export const saveTransition = async (
  { outbox, clock }: Pick<PaymentsService, 'outbox' | 'clock'>,
  db: Queryable,
  row: PaymentRow,
  transition: PaymentTransition,
  { reason, intentId, claimedUntil }: TransitionDetails = {},
): Promise<PaymentRow | null> => {
  const status = after(row.status, transition);
  if (!status) return null;
  const at = clock.now();
  const money = { amountMinor: Number(row.amount_minor), currency: row.currency };
  const processorAsked = row.attempts > 0 || row.intent_id !== null;
  const event = outbox.row(EVENTS[status], {
    id: row.id,
    payerId: row.payer_id,
    payeeId: row.payee_id,
    ...money,
    status,
    version: row.version + 1,
    at: at.toISOString(),
  });
  const [changed] = await db.query<PaymentRow>(SAVE_TRANSITION, [
    row.id,
    row.version,
    row.claim,
    row.attempts,
    status,
    stepAfter(status, processorAsked),
    at,
    claimedUntil ?? null,
    intentId ?? null,
    status === 'failed' ? (reason ?? null) : null,
    reason ?? null,
    ...columnsOf(postingsFor(status, money, row.payee_id)),
    ...event,
  ]);
  if (changed) countPayment(status, row.currency);
  return changed ?? null;
};
