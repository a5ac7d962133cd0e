import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import { OUTBOX_COLUMNS } from '../../../broker/events/outbox.ts';
import { payments, type PaymentStatus } from '../../../shared/contracts/payments.ts';
import { movementOf, postingsOf } from '../domain/ledger.ts';
import type { Step } from '../domain/operation.ts';
import { after, type PaymentTransition } from '../domain/payment.ts';
import { countPayment } from '../metrics.ts';
import type { PaymentsService } from '../payments.ts';
import { chargeIdOf, OPERATION_COLUMNS, type Operation } from './operations.ts';
import type { PaymentRow } from './payments.ts';
import { columnsOf } from './posting-columns.ts';

const SAVE_TRANSITION = `
  with payment as (
    select id from payments where id = $1 and version = $2 for no key update
  ), held as (
    select o.id, o.intent_id from payment, processor_operations o
    where o.id = $3 and ($4::text is null or o.claim = $4) for update of o
  ), changed as (
    update payments set status = $5, version = version + 1, updated_at = $6, failure_code = $7
    from held where payments.id = $1
    returning payments.*
  ), o as (
    update processor_operations set step = $8,
      intent_id = coalesce($9, processor_operations.intent_id), search_after = null,
      claim = case when $10::timestamptz is not null then claim end,
      attempts = case when $10::timestamptz is not null then 1 else attempts end,
      next_attempt_at = case when $8 <> 'done' then coalesce($10, $6::timestamptz) end
    from held where processor_operations.id = held.id
    returning processor_operations.*
  ), reversal as (
    insert into processor_operations (id, payment_id, kind, amount_minor, step, intent_id, next_attempt_at)
    select payment_id || ':reversal', payment_id, 'reversal', amount_minor,
      case when intent_id is null then 'repeat' when key_number > 1 then 'search' else 'reverse' end, null, $6
    from o where $11::boolean and $5 in ('failed', 'cancelled')
      and (key_used_at is not null or key_number > 1 or intent_id is not null)
    union all
    select payment_id || ':reversal:' || held.intent_id, payment_id, 'reversal', amount_minor, 'reverse',
      held.intent_id, $6
    from o, held where held.intent_id <> $9
    on conflict (id) do nothing
  ), history as (
    insert into payment_history (payment_id, version, status, reason, at)
    select id, version, status, $12, $6 from changed
  ), posted as (
    insert into postings (payment_id, movement, account, owner_id, currency, amount_minor, at)
    select id, posting.movement, posting.account, posting.owner_id, currency, posting.amount_minor, $6
    from changed, unnest($13::text[], $14::text[], $15::text[], $16::bigint[])
      as posting (movement, account, owner_id, amount_minor)
  ), published as (
    insert into outbox ${OUTBOX_COLUMNS}
    select $17, $18, $19, $20, $21, $22, $23 from changed
  )
  select changed.*, ${OPERATION_COLUMNS} from changed, o`;

export type TransitionDetails = {
  /** Why, as a code: of a decline, or `cancelled_by_payer`. */
  reason?: string | null;
  intentId?: string | null;
  /** The claimed charge whose outcome this is. Without it, the charge ends whether it is claimed or not. */
  charge?: Pick<Operation, 'claim'>;
  /** Keeps the claim until this time, for a driver that continues with the capture at once. */
  claimedUntil?: Date;
  /** The processor may hold money: a reversal is due if any request was made. */
  reverse?: boolean;
};

const EVENTS = {
  pending: payments.events.created,
  processing: payments.events.processing,
  completed: payments.events.completed,
  failed: payments.events.failed,
  cancelled: payments.events.cancelled,
} as const satisfies Record<PaymentStatus, object>;

const stepIn = (status: PaymentStatus): Step => (status === 'processing' ? 'capture' : 'done');

const eventOf = (row: PaymentRow, status: PaymentStatus, at: Date) => ({
  id: row.id,
  payerId: row.payer_id,
  payeeId: row.payee_id,
  amountMinor: Number(row.amount_minor),
  currency: row.currency,
  status,
  version: row.version + 1,
  at: at.toISOString(),
});

/**
 * Moves a payment to its next status: row, charge, history, postings and event in one statement, which is one
 * transaction and one round trip; the event is published after the commit. No other function changes a
 * status.
 * @param row as it was read
 * @param db the transaction that holds the row's lock, where there is one
 * @returns the payment and its charge; null when the status allows no such transition, when the payment was
 *   moved since it was read, or when `charge` is no longer claimed: nothing is written then
 */
export const saveTransition = async (
  { outbox, clock }: Pick<PaymentsService, 'outbox' | 'clock'>,
  db: Queryable & Partial<Pick<Transaction, 'afterCommit'>>,
  row: PaymentRow,
  transition: PaymentTransition,
  { reason, intentId, charge, claimedUntil, reverse = false }: TransitionDetails = {},
): Promise<Operation | null> => {
  const status = after(row.status, transition);
  if (!status) return null;
  const at = clock.now();
  const money = { amountMinor: Number(row.amount_minor), currency: row.currency };
  const movement = movementOf(transition);
  const event = outbox.row(EVENTS[status], eventOf(row, status, at));
  const [changed] = await db.query<Operation>(SAVE_TRANSITION, [
    row.id,
    row.version,
    chargeIdOf(row.id),
    charge?.claim ?? null,
    status,
    at,
    status === 'failed' ? (reason ?? null) : null,
    stepIn(status),
    intentId ?? null,
    claimedUntil ?? null,
    reverse,
    reason ?? null,
    ...columnsOf(movement ? postingsOf(movement, money, row.payee_id) : []),
    ...event,
  ]);
  if (!changed) return null;
  countPayment(status, money, status === 'failed' ? reason : null);
  const committed = () => outbox.wake(event);
  if (db.afterCommit) db.afterCommit(committed);
  else committed();
  return changed;
};
