import type { Payment } from '../../../shared/contracts/payments.ts';
import { OUTBOX_COLUMNS, type OutboxRow } from '../../../broker/events/outbox.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { RequestHashes } from '../domain/fingerprint.ts';
import type { Posting } from '../domain/ledger.ts';
import { columnsOf } from './posting-columns.ts';

const OPEN_PAYMENT = `
  with used as (
    insert into idempotency_keys (caller_id, key, body_hash, response, created_at, fingerprint)
    values ($2, $11, $12, $13, $9, $25) on conflict do nothing returning 1
  ), opened as (
    insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method, description,
      metadata, created_at, updated_at)
    select $1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $9 from used
  ), charge as (
    insert into processor_operations
      (id, payment_id, kind, amount_minor, step, next_attempt_at, traceparent)
    select $1 || ':charge', $1, 'charge', $4::bigint, 'authorize', $10::timestamptz, $26 from used
  ), posted as (
    insert into postings (payment_id, movement, account, owner_id, currency, amount_minor, at)
    select $1, movement, account, owner_id, $5, amount_minor, $9
    from used, unnest($14::text[], $15::text[], $16::text[], $17::bigint[])
      as posting (movement, account, owner_id, amount_minor)
  ), published as (
    insert into outbox ${OUTBOX_COLUMNS}
    select $18, $19, $20, $21, $22, $23, $24 from used
  )
  select count(*)::int as opened from used`;

export type Opening = {
  payment: Payment;
  key: string;
  hashes: RequestHashes;
  response: string;
  postings: readonly Posting[];
  event: OutboxRow;
  at: Date;
  /** When the driver authorizes the payment. */
  dueAt: Date;
  /** The trace that the driver continues. */
  traceparent: string | null;
};

/**
 * Writes key, payment, postings and event in one statement, which is one transaction and one round trip.
 * @returns false when the key was used in the meantime; nothing is written then
 */
export const openPayment = async (db: Queryable, opening: Opening): Promise<boolean> => {
  const { payment, key, hashes, response, postings, event, at, dueAt, traceparent } = opening;
  const [row] = await db.query<{ opened: number }>(OPEN_PAYMENT, [
    payment.id,
    payment.payer.id,
    payment.payee.id,
    payment.amountMinor,
    payment.currency,
    payment.paymentMethod,
    payment.description,
    JSON.stringify(payment.metadata),
    at,
    dueAt,
    key,
    hashes.bodyHash,
    response,
    ...columnsOf(postings),
    ...event,
    hashes.fingerprint,
    traceparent,
  ]);
  return row?.opened === 1;
};
