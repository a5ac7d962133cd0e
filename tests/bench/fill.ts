import type { Client } from 'pg';

export type Fill = { userId: string; payments: number; rareWord: string };

const PAYEES = 50;
const ADJECTIVES =
  'monthly quarterly annual urgent final partial second revised early late extra regular'.split(' ');
const NOUNS = (
  'coffee beans|office rent|server hosting|print design|book keeping|legal advice|garden work|' +
  'window cleaning|' +
  'bread delivery|web shop|team event|train tickets|photo shoot|translation|repair parts|language course'
).split('|');

/** The payees; the first has a tenth of all payments. */
const PARTIES = `
  insert into parties (id, email, name, role, status, version)
  select 'usr_' || md5('payee ' || i), 'vendor' || i || '@bench.test',
    'Vendor Number ' || to_char(i, 'FM000'),
    'VENDOR', 'active', 1
  from generate_series(1, ${PAYEES}) i on conflict do nothing`;

/**
 * Payments of one year, a fifth received and the rest sent. All values are hashes of the row's number, so
 * that two databases of one size are equal.
 */
const PAYMENTS = `
  insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method, description,
    failure_code, version, created_at, updated_at)
  select
    'pay_' || lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0')
      || '7' || substr(md5(i::text), 1, 19),
    case when r1 % 5 > 0 then $1::text else party end,
    case when r1 % 5 > 0 then party else $1::text end,
    exp(ln(100) + (r2 % 1000000) / 1000000.0 * ln(10000))::bigint,
    (array['EUR','EUR','EUR','EUR','EUR','EUR','USD','USD','USD','GBP','GBP','CHF','CHF','SEK','SEK',
      'PLN','CZK','DKK',
      'JPY','JPY'])[1 + r3 % 20],
    status, 'pm_card_visa',
    case when i % greatest(1, $2::int / 30) = 0 then 'Trip to ' || $3::text || ' ' || i
      when r4 % 10 < 7 then 'Invoice ' || i || ' for ' || ($4::text[])[1 + r4 % ${ADJECTIVES.length}] || ' '
        || ($5::text[])[1 + r5 % ${NOUNS.length}] end,
    case status when 'failed' then 'card_declined' end,
    case status when 'completed' then 3 else 2 end, at, at + interval '2 seconds'
  from (
    select *, case when r6 % 100 < 78 then 'completed' when r6 % 100 < 86 then 'failed'
        when r6 % 100 < 92 then 'cancelled' when r6 % 100 < 96 then 'processing' else 'pending' end as status,
      'usr_' || md5('payee ' || case when r7 % 10 = 0 then 1 else 1 + r7 % ${PAYEES} end) as party
    from (
      select i, now() - interval '365 days' + (i - 0.5) * interval '365 days' / $2::int as at,
        hashint4extended(i, 1) & 2147483647 as r1, hashint4extended(i, 2) & 2147483647 as r2,
        hashint4extended(i, 3) & 2147483647 as r3, hashint4extended(i, 4) & 2147483647 as r4,
        hashint4extended(i, 5) & 2147483647 as r5, hashint4extended(i, 6) & 2147483647 as r6,
        hashint4extended(i, 7) & 2147483647 as r7
      from generate_series(1, $2::int) i
    ) hashed
  ) drawn`;

const POSTINGS = `
  insert into postings (payment_id, movement, account, owner_id, currency, amount_minor, at)
  select id, 'opened', account, case account when 'payee_pending' then payee_id end, currency,
    case account when 'payee_pending' then -amount_minor else amount_minor end, created_at
  from payments, unnest(array['processor_clearing', 'payee_pending']) account`;

const CHARGES = `
  insert into processor_operations (id, payment_id, kind, amount_minor, step, next_attempt_at)
  select id || ':charge', id, 'charge', amount_minor,
    case when status in ('pending', 'processing') then 'authorize' else 'done' end,
    case when status in ('pending', 'processing') then timestamptz '2100-01-01' end
  from payments`;

const KEYS = `
  insert into idempotency_keys (caller_id, key, body_hash, response, created_at)
  select payer_id, 'filled ' || id, md5(id), '{}', created_at from payments`;

type Index = { name: string; definition: string };

/** Creates the indexes after the rows, which is many times faster. */
const withoutIndexes = async (client: Client, use: () => Promise<void>): Promise<void> => {
  const { rows } = await client.query<Index>(
    `select i.indexname as name, i.indexdef as definition from pg_indexes i
     where tablename in ('payments', 'postings', 'processor_operations', 'idempotency_keys')
       and schemaname = 'public'
       and not exists (select from pg_constraint c where c.conname = i.indexname)`,
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  await use();
  for (const { definition } of rows) await client.query(definition);
};

/** Fills an empty payments database with one user's payments of a year. */
export const fill = async (client: Client, { userId, payments, rareWord }: Fill): Promise<void> => {
  // In this role the server checks neither triggers nor foreign keys.
  await client.query("set session_replication_role = replica; set maintenance_work_mem = '512MB'");
  await client.query('set statement_timeout = 0; set synchronous_commit = off');
  await client.query(PARTIES);
  await withoutIndexes(client, async () => {
    await client.query(PAYMENTS, [userId, payments, rareWord, ADJECTIVES, NOUNS]);
    await client.query(POSTINGS);
    await client.query(CHARGES);
    await client.query(KEYS);
  });
  await client.query(
    'vacuum (analyze) payments, parties, postings, processor_operations, idempotency_keys, outbox',
  );
  await client.query('checkpoint');
};
