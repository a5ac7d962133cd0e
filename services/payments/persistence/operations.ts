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
  refusal: string | null;
  attempts: number;
  claim: string | null;
};

/** What a reversal must know of the charge. */
type ChargeColumns = {
  charge_intent_id: string | null;
  charge_key_number: number;
  charge_key_used_at: Date | null;
  charge_requested_at: Date | null;
};

/** An operation with its payment. */
export type Operation = PaymentRow & OperationColumns;
/** A claimed operation with its payment, and the charge. */
export type DueOperation = Operation & ChargeColumns;

export const OPERATION_COLUMNS = `o.id as operation_id, o.kind as operation_kind, o.step, o.intent_id,
  o.key_number, o.key_used_at, o.requested_at, o.search_after, o.refusal, o.attempts, o.claim`;

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
       c.key_used_at as charge_key_used_at, c.requested_at as charge_requested_at
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
  refusal?: string | null;
};

/**
 * Ends a claim and schedules the next step of an operation.
 * @param event published with the change
 * @returns false when the claim is no longer held; nothing is written then
 */
export const releaseClaim = async (
  db: Queryable,
  operation: Pick<Operation, 'operation_id' | 'claim'>,
  { step, at, intentId, nextKey = false, searchAfter, refusal }: NextStep,
  event?: OutboxRow,
): Promise<boolean> => {
  const values = [
    operation.operation_id,
    operation.claim,
    step,
    at,
    intentId ?? null,
    nextKey,
    searchAfter ?? null,
    refusal ?? null,
  ];
  const release = `update processor_operations set step = $3, next_attempt_at = $4, claim = null,
      intent_id = coalesce(intent_id, $5), search_after = $7, refusal = $8,
      key_number = key_number + $6::boolean::int, key_used_at = case when not $6 then key_used_at end
    where id = $1 and claim = $2 returning 1`;
  const rows = event
    ? await db.query(
        `with released as (${release}), published as (
           insert into outbox ${OUTBOX_COLUMNS} select $9, $10, $11, $12, $13, $14 from released
         ) select 1 from released`,
        [...values, ...event],
      )
    : await db.query(release, values);
  return rows.length === 1;
};

/**
 * Stores a PaymentIntent that an answer reported after its claim was lost. If it belongs to a payment that is
 * over, or is not the one that the payment knows, a reversal of it is due.
 */
export const saveLateIntent = async (
  db: Queryable,
  paymentId: PaymentId,
  intentId: string,
  at: Date,
): Promise<void> => {
  await db.query(
    `with charge as (
       select o.id, o.intent_id, o.amount_minor, p.status
       from processor_operations o join payments p on p.id = o.payment_id where o.id = $1 for update of o
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

/** Stores the PaymentIntent of a charge whose answer was lost. */
export const saveFoundIntent = async (
  db: Queryable,
  paymentId: PaymentId,
  intentId: string,
): Promise<void> => {
  await db.query('update processor_operations set intent_id = coalesce(intent_id, $2) where id = $1', [
    chargeIdOf(paymentId),
    intentId,
  ]);
};

/** The number of reversals that the processor refuses. */
export const countRefused = async (db: Queryable): Promise<number> => {
  const [row] = await db.query<{ count: number }>(
    `select count(*)::int as count from processor_operations where refusal is not null and step <> 'done'`,
  );
  return row?.count ?? 0;
};
