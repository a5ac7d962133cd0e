import type { ListQuery } from './contender-schemas.ts';

type Party = { id: string; name: string; email: string; role: string; status: string };
export type Found = {
  payer: Party | null;
  payee: Party | null;
  body_hash: string | null;
  response: string | null;
};

/** The statements are identical to Payloom's: the comparison is about everything around them. */
export const LOOK_UP = `select
       (select row_to_json(p) from parties p where p.id = $1) as payer,
       (select row_to_json(p) from parties p where p.id = $3 or lower(p.email) = $4) as payee,
       k.body_hash, k.response
     from (values (1)) as one left join idempotency_keys k on k.caller_id = $1 and k.key = $2`;

export const OPEN_PAYMENT = `
  with used as (
    insert into idempotency_keys (caller_id, key, body_hash, response, created_at)
    values ($2, $11, $12, $13, $9) on conflict do nothing returning 1
  ), opened as (
    insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method, description,
      metadata, created_at, updated_at)
    select $1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $9 from used
  ), charge as (
    insert into processor_operations (id, payment_id, kind, amount_minor, step, next_attempt_at)
    select $1 || ':charge', $1, 'charge', $4::bigint, 'authorize', $10::timestamptz from used
  ), posted as (
    insert into postings (payment_id, movement, account, owner_id, currency, amount_minor, at)
    select $1, movement, account, owner_id, $5, amount_minor, $9
    from used, unnest($14::text[], $15::text[], $16::text[], $17::bigint[])
      as posting (movement, account, owner_id, amount_minor)
  ), published as (
    insert into outbox (id, event, version, payload, occurred_at) select $18, $19, $20, $21, $22 from used
  )
  select count(*)::int as opened from used`;

export type Row = {
  id: string;
  status: string;
  amount_minor: string;
  currency: string;
  payer_id: string;
  payer_name: string;
  payer_email: string;
  payee_id: string;
  payee_name: string;
  payee_email: string;
  payment_method: string;
  description: string | null;
  metadata: Record<string, string>;
  failure_code: string | null;
  version: number;
  created_at: Date;
  updated_at: Date;
};

const side = (column: string, beyond: string, limit: number): string =>
  `(select p.* from payments p where p.${column} = $1${beyond} order by p.id desc limit ${limit})`;

/** One page of a user's payments, newest first. */
export const listOf = (userId: string, { limit, cursor }: ListQuery) => {
  const values: string[] = [userId];
  let beyond = '';
  if (cursor !== undefined) {
    const [, , id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[];
    values.push(String(id));
    beyond = ' and p.id < $2';
  }
  const sides = [side('payer_id', beyond, limit + 1), side('payee_id', beyond, limit + 1)];
  const text = `select p.*, payer.name as payer_name, payer.email as payer_email,
  payee.name as payee_name, payee.email as payee_email
  from (${sides.join(' union all ')} ) p
  join parties payer on payer.id = p.payer_id join parties payee on payee.id = p.payee_id
  order by p.id desc limit ${limit + 1}`;
  return { text, values, limit };
};

export const toPayment = (row: Row, viewer: string) => {
  const isPayer = viewer === row.payer_id;
  return {
    id: row.id,
    status: row.status,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    payer: { id: row.payer_id, name: row.payer_name, email: row.payer_email },
    payee: { id: row.payee_id, name: row.payee_name, email: row.payee_email },
    paymentMethod: row.payment_method,
    description: row.description,
    metadata: isPayer ? row.metadata : {},
    failure: row.failure_code === null ? null : { code: isPayer ? row.failure_code : 'payment_failed' },
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
};
