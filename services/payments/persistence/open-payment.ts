import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Payment } from '../../../shared/contracts/payments.ts';
import type { OutboxRow } from '../../../broker/events/outbox.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { Posting } from '../domain/ledger.ts';
import type { KnownParty } from './parties.ts';
import { columnsOf } from './posting-columns.ts';

/** What an earlier request with the same key left: a hash of its body, and its answer byte for byte. */
export type UsedKey = { bodyHash: string; response: string };

type Lookup = {
  payer: KnownParty | null;
  payee: KnownParty | null;
  body_hash: string | null;
  response: string | null;
};

/** Everything that has to be known before a payment is opened, in one round trip. */
export const lookUp = async (
  db: Queryable,
  payerId: UserId,
  key: string,
  payee: { id: UserId } | { email: string },
): Promise<{ payer: KnownParty | null; payee: KnownParty | null; used: UsedKey | null }> => {
  const [row] = await db.query<Lookup>(
    `select
       (select row_to_json(p) from parties p where p.id = $1) as payer,
       (select row_to_json(p) from parties p where p.id = $3 or lower(p.email) = $4) as payee,
       k.body_hash, k.response
     from (values (1)) as one left join idempotency_keys k on k.caller_id = $1 and k.key = $2`,
    [payerId, key, 'id' in payee ? payee.id : null, 'email' in payee ? payee.email : null],
  );
  const used = row?.body_hash && row.response ? { bodyHash: row.body_hash, response: row.response } : null;
  return { payer: row?.payer ?? null, payee: row?.payee ?? null, used };
};

const OPEN_PAYMENT = `
  with used as (
    insert into idempotency_keys (caller_id, key, body_hash, response, created_at)
    values ($2, $11, $12, $13, $9) on conflict do nothing returning 1
  ), opened as (
    insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method, description,
      metadata, created_at, updated_at, step, next_attempt_at)
    select $1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $9, 'authorize', $10 from used
  ), posted as (
    insert into postings (payment_id, movement, account, owner_id, currency, amount_minor, at)
    select $1, movement, account, owner_id, $5, amount_minor, $9
    from used, unnest($14::text[], $15::text[], $16::text[], $17::bigint[])
      as posting (movement, account, owner_id, amount_minor)
  ), told as (
    insert into outbox (id, event, version, payload, occurred_at, request_id)
    select $18, $19, $20, $21, $22, $23 from used
  )
  select count(*)::int as opened from used`;

export type Opening = {
  payment: Payment;
  key: string;
  bodyHash: string;
  response: string;
  postings: readonly Posting[];
  event: OutboxRow;
  at: Date;
  /** When the processor is asked first. */
  dueAt: Date;
};

/**
 * Writes key, payment, postings and event in one statement, which is one transaction and one round trip.
 * @returns false when the key was used in the meantime; nothing is written then
 */
export const openPayment = async (db: Queryable, opening: Opening): Promise<boolean> => {
  const { payment, key, bodyHash, response, postings, event, at, dueAt } = opening;
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
    bodyHash,
    response,
    ...columnsOf(postings),
    ...event,
  ]);
  return row?.opened === 1;
};

/** The answer that an earlier request with this key got. */
export const readKey = async (db: Queryable, callerId: UserId, key: string): Promise<UsedKey | null> => {
  const [row] = await db.query<{ body_hash: string; response: string }>(
    'select body_hash, response from idempotency_keys where caller_id = $1 and key = $2',
    [callerId, key],
  );
  return row ? { bodyHash: row.body_hash, response: row.response } : null;
};

/** Forgets keys older than `before`. */
export const purgeKeys = async (db: Queryable, before: Date): Promise<void> => {
  await db.query('delete from idempotency_keys where created_at < $1', [before]);
};
