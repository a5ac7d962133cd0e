import { OUTBOX_COLUMNS, type OutboxRow } from '../../../broker/events/outbox.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { PaymentId } from '../../../shared/contracts/ids.ts';
import type { OperationKind, Step } from '../domain/operation.ts';
import type { PaymentRow } from './payments.ts';

/** A row of `processor_operations`, in an order of columns that `OPERATION_COLUMNS` selects. */
type OperationColumns = {
  operation_id: string;
  operation_kind: OperationKind;
  step: Step;
  intent_id: string | null;
  key_number: number;
  key_used_at: Date | null;
  requested_at: Date | null;
  search_after: string | null;
  stuck: string | null;
  attempts: number;
  claim: string | null;
};

/** What an operation has of its payment's charge. */
type ChargeColumns = {
  charge_intent_id: string | null;
  charge_key_number: number;
  charge_key_used_at: Date | null;
  /** The trace of the act that caused the payment; null where it is not known. */
  traceparent: string | null;
};

/** An operation with its payment. */
export type Operation = PaymentRow & OperationColumns;
/** A claimed operation with its payment, and the charge. */
export type DueOperation = Operation & ChargeColumns;

export const OPERATION_COLUMNS = `o.id as operation_id, o.kind as operation_kind, o.step, o.intent_id,
  o.key_number, o.key_used_at, o.requested_at, o.search_after, o.stuck, o.attempts, o.claim`;

export const chargeIdOf = (id: PaymentId): string => `${id}:charge`;

/**
 * Claims operations that are due. A claim is a lease: if the process dies, the operation is due again after
 * `leaseMs`. The keys that the requests use are in the row before the requests are sent.
 */
export const claimDue = (
  db: Queryable,
  claim: { token: string; now: Date; leaseMs: number; limit: number },
): Promise<DueOperation[]> =>
  db.query<DueOperation>(
    `with o as (
       update processor_operations set claim = $1, attempts = attempts + 1, next_attempt_at = $3,
         requested_at = $2, key_used_at = coalesce(key_used_at, $2)
       where id in (
         select id from processor_operations where next_attempt_at <= $2
         order by next_attempt_at limit $4 for update skip locked
       ) returning *
     )
     select p.*, ${OPERATION_COLUMNS}, c.intent_id as charge_intent_id, c.key_number as charge_key_number,
       c.key_used_at as charge_key_used_at, c.traceparent
     from o join payments p on p.id = o.payment_id
       join processor_operations c on c.id = o.payment_id || ':charge'`,
    [claim.token, claim.now, new Date(claim.now.getTime() + claim.leaseMs), claim.limit],
  );

export type NextStep = {
  step: Step;
  /** When the step is due; null when it is `done`. */
  at: Date | null;
  intentId?: string | null;
  /** The next requests use a new idempotency key. */
  nextKey?: boolean;
  searchAfter?: string | null;
  /** Why a reversal is stuck; null when there is progress. */
  stuck?: string | null;
  /** The step has brought something: attempts are counted from 0 again. */
  isProgress?: boolean;
};

/**
 * Ends a claim and schedules the next step of an operation.
 * @param event published with the change
 * @returns the operation's PaymentIntent; undefined when the claim is no longer held: nothing is written
 */
export const releaseClaim = async (
  db: Queryable,
  operation: Pick<Operation, 'operation_id' | 'claim'>,
  { step, at, intentId, nextKey = false, searchAfter, stuck, isProgress = false }: NextStep,
  event?: OutboxRow,
): Promise<{ intentId: string | null } | undefined> => {
  const values = [
    operation.operation_id,
    operation.claim,
    step,
    at,
    intentId ?? null,
    nextKey,
    searchAfter ?? null,
    stuck ?? null,
    isProgress,
  ];
  const release = `update processor_operations set step = $3, next_attempt_at = $4, claim = null,
      intent_id = coalesce(intent_id, $5), search_after = $7, stuck = $8,
      attempts = case when $9 then 0 else attempts end,
      key_number = key_number + $6::boolean::int, key_used_at = case when not $6 then key_used_at end
    where id = $1 and claim = $2 returning intent_id as "intentId"`;
  const [row] = event
    ? await db.query<{ intentId: string | null }>(
        `with released as (${release}), published as (
           insert into outbox ${OUTBOX_COLUMNS} select $10, $11, $12, $13, $14, $15, $16 from released
         ) select * from released`,
        [...values, ...event],
      )
    : await db.query<{ intentId: string | null }>(release, values);
  return row;
};

/**
 * Stores a PaymentIntent that an answer, a search or a webhook has reported. If it belongs to a payment that
 * is over, or is not the one that the charge knows, a reversal of it is due.
 */
export const saveIntent = async (
  db: Queryable,
  paymentId: PaymentId,
  intentId: string,
  at: Date,
): Promise<void> => {
  await db.query(
    `with payment as (
       select id, status from payments where id = $2 for no key update
     ), charge as (
       select o.id, o.intent_id, o.amount_minor, payment.status
       from payment, processor_operations o where o.id = $1 for update of o
     ), known as (
       update processor_operations o set intent_id = $3 from charge
       where o.id = charge.id and charge.intent_id is null
     )
     insert into processor_operations (id, payment_id, kind, amount_minor, step, intent_id, next_attempt_at)
     select $2 || ':reversal:' || $3, $2, 'reversal', amount_minor, 'reverse', $3, $4 from charge
     where intent_id <> $3 or status in ('failed', 'cancelled')
     on conflict (id) do nothing`,
    [chargeIdOf(paymentId), paymentId, intentId, at],
  );
};

/**
 * Stores the PaymentIntent of a charge whose answer was lost.
 * @returns the one that the charge knows: it may have learned another one meanwhile
 */
export const saveRepeatedIntent = async (
  db: Queryable,
  paymentId: PaymentId,
  intentId: string,
): Promise<string | undefined> => {
  const [row] = await db.query<{ intentId: string }>(
    `update processor_operations set intent_id = coalesce(intent_id, $2) where id = $1
     returning intent_id as "intentId"`,
    [chargeIdOf(paymentId), intentId],
  );
  return row?.intentId;
};

/** The number of reversals that are stuck. */
export const countStuck = async (db: Queryable): Promise<number> => {
  const [row] = await db.query<{ count: number }>(
    `select count(*)::int as count from processor_operations where stuck is not null and step <> 'done'`,
  );
  return row?.count ?? 0;
};

/** The most charges that are looked at for the oldest. */
const MOST_OPEN = 10_000;

/** The age of the oldest payment whose charge is not over; ids sort by time. 0 without one. */
export const oldestOpenS = async (db: Queryable): Promise<number> => {
  const [row] = await db.query<{ seconds: number }>(
    `select greatest(0, extract(epoch from now() - created_at))::float8 as seconds
     from payments where id = (
       select min(payment_id) from (
         select payment_id from processor_operations
         where next_attempt_at is not null and kind = 'charge' limit ${MOST_OPEN}
       ) open
     )`,
  );
  return row?.seconds ?? 0;
};
