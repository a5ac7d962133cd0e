import type { Client } from 'pg';

const PEOPLE = 2_000;
export const RARE_TEXT = 'Zanzibar ticket';

const person = (random: string): string => `'usr_' || md5('person ' || 1 + ${random} % ${PEOPLE})`;

/** The first person is in a fifth of all entries. */
const ENTRIES = `
  insert into entries (id, at, action, actor_id, actor_role, actor_name, actor_email, person_id, person_name,
    person_email, target_type, target_id, people, address, device, session_id, request_id, reason,
    before, after)
  select 'evt_' || lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0')
      || '7' || substr(md5(i::text), 1, 19),
    at, (array['payments.created', 'payments.processing', 'payments.completed', 'auth.session-started',
      'auth.session-ended', 'profile.preferences-changed', 'auth.user-changed',
      'auth.role-changed'])[1 + r1 % 8],
    actor, 'CUSTOMER', 'Person ' || actor, actor || '@bench.test', person, 'Person ' || person,
    person || '@bench.test', 'payment', 'pay_' || md5('target ' || i / 3), array[actor, person],
    '198.51.' || r2 % 200 || '.' || r3 % 250, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0',
    'ses_' || md5('session ' || r2 % 50000), 'req_' || md5('request ' || i / 3),
    case when i % 40000 = 0 then '${RARE_TEXT} ' || i when i % 50 = 0 then 'Asked for by phone' end, null,
    '{"amountMinor":' || r3 % 100000 || ',"currency":"EUR","status":"completed","version":3}'
  from (
    select i, now() - interval '365 days' + (i - 0.5) * interval '365 days' / $1::int as at, r1, r2, r3,
      case when r1 % 5 = 0 then 'usr_' || md5('person 1') else ${person('r2')} end as actor,
      ${person('r3')} as person
    from (select i, hashint4extended(i, 1) & 2147483647 as r1, hashint4extended(i, 2) & 2147483647 as r2,
      hashint4extended(i, 3) & 2147483647 as r3 from generate_series(1, $1::int) i) hashed
  ) drawn`;

/** Fills the audit log of an instance with entries of a year, which are not in the chain. */
export const fillAudit = async (client: Client, entries: number): Promise<void> => {
  await client.query(
    "set statement_timeout = 0; set synchronous_commit = off; set maintenance_work_mem = '512MB'",
  );
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes i where tablename = 'entries'
       and not exists (select from pg_constraint where conname = i.indexname)`,
  );
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  await client.query(ENTRIES, [entries]);
  for (const { definition } of indexes) await client.query(definition);
  await client.query(
    `insert into entry_people (person_id, entry_id)
     select person, id from entries, unnest(people) as person on conflict do nothing`,
  );
  await client.query(
    `insert into people (id, email, name, role, status, version, searched)
     select id, id || '@bench.test', 'Person ' || n, 'CUSTOMER', 'active', 1,
       'Person ' || n || ' ' || id || '@bench.test'
     from (select n, 'usr_' || md5('person ' || n) as id from generate_series(1, ${PEOPLE}) n) made
     on conflict do nothing`,
  );
  await client.query('vacuum (analyze) entries, entry_people, people');
  await client.query('checkpoint');
};
