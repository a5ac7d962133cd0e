import type { Client } from 'pg';
import { CURRENCIES } from '../../shared/contracts/currencies.ts';
import { PAYMENT_STATUSES } from '../../shared/contracts/payments.ts';

/**
 * A violation: its law (L lost, D doubled, Z unbalanced, G stuck, R unsettled, U unreadable), its id and a
 * description. What cannot be read is reported by itself, so that it hides nothing else. M is none: a payment
 * that was moved over from POC-2, and that this processor does not know.
 */
export type Violation = { law: 'L' | 'D' | 'Z' | 'G' | 'R' | 'U' | 'M'; id: string; what: string };

/** One answer as a client received it. */
export type Ack = { key: string; id: string; status: number };

const STUCK_AFTER_S = 10;

/** The answers in a file, one a line; a line that is none is a violation. */
export const readAcks = (text: string): { acks: Ack[]; unreadable: Violation[] } => {
  const acks: Ack[] = [];
  const unreadable: Violation[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [key = '', id = '', status = ''] = line.split(/[\s,]+/);
    const isAck = /^[\x21-\x7e]+$/.test(key + id) && /^\d{3}$/.test(status);
    if (isAck) acks.push({ key, id, status: Number(status) });
    else
      unreadable.push({
        law: 'U',
        id: `line ${index + 1}`,
        what: `not "key id status": ${line.slice(0, 80)}`,
      });
  }
  return { acks, unreadable };
};

/**
 * The payment for which a key answers. The stored answer is read as text: one row whose JSON PostgreSQL
 * cannot read would end the whole statement.
 */
const ANSWERED = `substring(k.response from '^\\{"id":"(pay_[0-9a-f]{32})"[,}]')`;

/** An escape in JSON that PostgreSQL has no text for: NUL, or half of a surrogate pair. */
const ODD_ESCAPE = String.raw`(^|[^\\])(\\\\)*\\u(0000|[dD][89a-fA-F])`;

/** L: every acknowledged payment exists once, under its key. */
export const checkAcks = async (db: Client, acks: readonly Ack[]): Promise<Violation[]> => {
  const promised = acks.filter((ack) => ack.status >= 200 && ack.status < 300);
  const { rows } = await db.query<{ key: string; id: string; found: string | null }>(
    `select ack.key, ack.id, p.id as found from unnest($1::text[], $2::text[]) as ack (key, id)
     left join payments p on p.id = ack.id
       and exists (
         select from idempotency_keys k where k.key = ack.key and ${ANSWERED} = p.id)`,
    [promised.map((ack) => ack.key), promised.map((ack) => ack.id)],
  );
  const lost = rows
    .filter((row) => row.found === null)
    .map((row): Violation => ({
      law: 'L',
      id: row.id,
      what: `acknowledged for key ${row.key}, and not there`,
    }));
  const byKey = Map.groupBy(promised, (ack) => ack.key);
  const doubled = [...byKey].flatMap(([key, all]): Violation[] => {
    const ids = [...new Set(all.map((ack) => ack.id))];
    return ids.length < 2
      ? []
      : [{ law: 'D', id: ids.join(' '), what: `${ids.length} payments for key ${key}` }];
  });
  return [...lost, ...doubled];
};

const LEDGER_CHECKS: readonly { law: 'L' | 'D' | 'Z'; what: string; sql: string }[] = [
  {
    law: 'L',
    what: 'a key answers for a payment that is not there',
    sql: `select k.key as id from idempotency_keys k
          left join payments p on p.id = ${ANSWERED} where p.id is null and ${ANSWERED} is not null`,
  },
  {
    law: 'D',
    what: 'two keys answer for one payment',
    sql: `select ${ANSWERED} as id from idempotency_keys k where ${ANSWERED} is not null
          group by 1 having count(*) > 1`,
  },
  {
    law: 'L',
    what: 'the key of another caller answers for it',
    sql: `select p.id from idempotency_keys k join payments p on p.id = ${ANSWERED}
          where p.payer_id <> k.caller_id`,
  },
  {
    law: 'D',
    what: 'a status was reached twice',
    sql: 'select payment_id as id from payment_history group by payment_id, status having count(*) > 1',
  },
  {
    law: 'Z',
    what: 'postings of a movement do not sum to zero',
    sql: `select payment_id || ' ' || movement as id from postings group by payment_id, movement, currency
          having sum(amount_minor) <> 0`,
  },
  {
    law: 'Z',
    what: 'postings do not agree with status, amount, currency or payee',
    sql: `select p.id from payments p left join (
            select payment_id,
              coalesce(sum(amount_minor) filter (where account = 'processor_clearing'), 0) as clearing,
              coalesce(sum(amount_minor) filter (where account = 'payee_pending'), 0) as pending,
              coalesce(sum(amount_minor) filter (where account = 'payee_available'), 0) as available,
              bool_and(owner_id is null or owner_id = (select payee_id from payments where id = payment_id))
                as owned,
              bool_and(currency = (select currency from payments where id = payment_id)) as same_currency,
              count(*) as postings
            from postings group by payment_id) l on l.payment_id = p.id
          where l.payment_id is null or not l.owned or not l.same_currency
            or l.clearing <> case when p.status in ('failed', 'cancelled') then 0 else p.amount_minor end
            or l.pending <> case when p.status in ('pending', 'processing') then -p.amount_minor else 0 end
            or l.available <> case when p.status = 'completed' then -p.amount_minor else 0 end
            or l.postings <> case when p.status in ('pending', 'processing') then 2 else 4 end`,
  },
];

/** L, D and Z within the payments database. */
export const checkLedger = async (db: Client): Promise<Violation[]> => {
  const found: Violation[] = [];
  for (const { law, what, sql } of LEDGER_CHECKS) {
    const { rows } = await db.query<{ id: string }>(sql);
    found.push(...rows.map(({ id }) => ({ law, id, what })));
  }
  return found;
};

const UNREADABLE_CHECKS: readonly { what: string; sql: string; values?: readonly unknown[] }[] = [
  {
    what: 'the stored answer of its key cannot be read',
    sql: `select coalesce(${ANSWERED}, 'key ' || k.key || ' of ' || k.caller_id) as id from idempotency_keys k
          where ${ANSWERED} is null or k.response ~ $1`,
    values: [ODD_ESCAPE],
  },
  {
    what: 'its metadata cannot be read',
    sql: `select id from payments where case
            when metadata::text ~ $1 or json_typeof(metadata) <> 'object' then true
            else exists (select from json_each(metadata) where json_typeof(value) <> 'string') end`,
    values: [ODD_ESCAPE],
  },
  {
    what: 'its times cannot be read',
    sql: 'select id from payments where not (isfinite(created_at) and isfinite(updated_at))',
  },
  {
    what: 'its amount cannot be read',
    sql: 'select id from payments where amount_minor is null or amount_minor not between 1 and $1',
    values: [Number.MAX_SAFE_INTEGER],
  },
  {
    what: 'its currency is unknown',
    sql: 'select id from payments where currency is null or currency <> all($1)',
    values: [CURRENCIES],
  },
  {
    what: 'its status is unknown',
    sql: 'select id from payments where status is null or status <> all($1)',
    values: [PAYMENT_STATUSES],
  },
];

/** U: rows of the payments database whose text, amount, currency or status is none that Payloom writes. */
export const checkReadable = async (db: Client): Promise<Violation[]> => {
  const found: Violation[] = [];
  for (const { what, sql, values = [] } of UNREADABLE_CHECKS) {
    const { rows } = await db.query<{ id: string }>(sql, [...values]);
    found.push(...rows.map(({ id }): Violation => ({ law: 'U', id, what })));
  }
  return found;
};

/** G: stuck operations, payments and events; waiting for a slow bank (`await`) counts after a day. */
export const checkStuck = async (db: Client): Promise<Violation[]> => {
  const { rows } = await db.query<{ id: string; what: string }>(
    `select p.id, p.status || ' since ' || p.updated_at || ', next step ' || o.step ||
       coalesce(', stuck: ' || o.stuck, '') as what
     from processor_operations o join payments p on p.id = o.payment_id
     where (o.step not in ('await', 'done') and p.updated_at < now() - make_interval(secs => $1))
       or (o.step = 'await' and p.created_at < now() - interval '1 day')
     union all
     select id, 'waits in ' || status || ' with nothing left to do' from payments p
     where status in ('pending', 'processing') and not exists (
       select from processor_operations o where o.id = p.id || ':charge' and o.step <> 'done')
     union all
     select id, event || ' in the outbox since ' || occurred_at from outbox
     where occurred_at < now() - make_interval(secs => $1)`,
    [STUCK_AFTER_S],
  );
  return rows.map(({ id, what }) => ({ law: 'G', id, what }));
};

/** The number of payments and events in progress. */
export const countUnderWay = async (db: Client): Promise<number> => {
  const { rows } = await db.query<{ count: number }>(
    `select ((select count(*) from processor_operations where step not in ('await', 'done')) +
             (select count(*) from outbox))::int as count`,
  );
  return rows[0]?.count ?? 0;
};

/**
 * L between services: within `waitMs`, payments has the latest version of every user of auth; G: auth's
 * outbox is empty.
 */
export const checkParties = async (auth: Client, payments: Client, waitMs: number): Promise<Violation[]> => {
  const { rows: users } = await auth.query<{ id: string; version: number }>('select id, version from users');
  const ask = async () => {
    const { rows } = await payments.query<{ id: string }>(
      `select known.id from unnest($1::text[], $2::int[]) as known (id, version)
       left join parties p on p.id = known.id where p.id is null or p.version < known.version`,
      [users.map(({ id }) => id), users.map(({ version }) => version)],
    );
    const { rows: left } = await auth.query<{ id: string; event: string }>('select id, event from outbox');
    return [
      ...rows.map(({ id }): Violation => ({
        law: 'L',
        id,
        what: 'changed in auth, and payments does not know',
      })),
      ...left.map(({ id, event }): Violation => ({
        law: 'G',
        id,
        what: `${event} stays in the outbox of auth`,
      })),
    ];
  };
  const endMs = Date.now() + waitMs;
  for (;;) {
    const found = await ask();
    if (found.length === 0 || Date.now() > endMs) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
