import type { OutboxRow } from '../../../broker/events/outbox.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { PaymentStatus } from '../../../shared/contracts/payments.ts';
import type { Posting } from '../domain/ledger.ts';
import type { Step } from '../domain/payment.ts';
import type { PaymentRow } from './payments.ts';
import { columnsOf } from './posting-columns.ts';

const SAVE_CHANGE = `
  with changed as (
    update payments set status = $5, step = $6, version = version + 1, updated_at = $7, key_try = 1,
      claim = case when $8::timestamptz is not null then claim end,
      attempts = case when $8::timestamptz is not null then 1 else 0 end,
      next_attempt_at = case when $6 = 'done' then null else coalesce($8, $7::timestamptz) end,
      intent_id = coalesce($9, intent_id), failure_code = $10, failure_message = $11
    where id = $1 and version = $2 and claim is not distinct from $3 and attempts = $4
    returning *
  ), reached as (
    insert into payment_history (payment_id, version, status, note, at)
    select id, version, status, $12, $7 from changed
  ), posted as (
    insert into postings (payment_id, movement, account, owner_id, currency, amount_minor, at)
    select id, posting.movement, posting.account, posting.owner_id, currency, posting.amount_minor, $7
    from changed, unnest($13::text[], $14::text[], $15::text[], $16::bigint[])
      as posting (movement, account, owner_id, amount_minor)
  ), told as (
    insert into outbox (id, event, version, payload, occurred_at, request_id)
    select $17, $18, $19, $20, $21, $22 from changed
  )
  select * from changed`;

export type Change = {
  status: PaymentStatus;
  step: Step;
  note: string | null;
  failure: { code: string; message: string } | null;
  intentId: string | null;
  /** Until when the claim is kept, for the next step; null ends it. */
  claimedUntil: Date | null;
  postings: readonly Posting[];
  event: OutboxRow;
  at: Date;
};

/**
 * Writes a new status with its event, postings and event in one statement, which is one transaction and one
 * round trip.
 * @param row as it was read
 * @returns the new row; null when somebody else moved, claimed or released the payment meanwhile: nothing is
 *   written then
 */
export const saveChange = async (
  db: Queryable,
  row: PaymentRow,
  change: Change,
): Promise<PaymentRow | null> => {
  const { status, step, note, failure, intentId, claimedUntil, postings, event, at } = change;
  const [changed] = await db.query<PaymentRow>(SAVE_CHANGE, [
    row.id,
    row.version,
    row.claim,
    row.attempts,
    status,
    step,
    at,
    claimedUntil,
    intentId,
    failure?.code ?? null,
    failure?.message ?? null,
    note,
    ...columnsOf(postings),
    ...event,
  ]);
  return changed ?? null;
};
