import type { Client } from 'pg';
import type { Stripe } from 'stripe';

/** A violation: its law (L lost, D doubled, Z unbalanced, G stuck, R unsettled), its id and a description. */
export type Violation = { law: 'L' | 'D' | 'Z' | 'G' | 'R'; id: string; what: string };

/** One answer as a client received it. */
export type Ack = { key: string; id: string; status: number };

const STUCK_AFTER_S = 10;

export const readAcks = (text: string): Ack[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const [key = '', id = '', status = ''] = line.split(/[\s,]+/);
      if (!/^\d{3}$/.test(status))
        throw new Error(`line ${index + 1} is not "key id status": ${line.slice(0, 80)}`);
      return { key, id, status: Number(status) };
    });

/** L: every acknowledged payment exists once, under its key. */
export const checkAcks = async (db: Client, acks: readonly Ack[]): Promise<Violation[]> => {
  const promised = acks.filter((ack) => ack.status >= 200 && ack.status < 300);
  const { rows } = await db.query<{ key: string; id: string; found: string | null }>(
    `select ack.key, ack.id, p.id as found from unnest($1::text[], $2::text[]) as ack (key, id)
     left join payments p on p.id = ack.id
       and exists (
         select from idempotency_keys k where k.key = ack.key and k.response::json ->> 'id' = p.id)`,
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
          left join payments p on p.id = k.response::json ->> 'id' where p.id is null`,
  },
  {
    law: 'D',
    what: 'two keys answer for one payment',
    sql: `select response::json ->> 'id' as id from idempotency_keys group by 1 having count(*) > 1`,
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
    what: 'postings do not agree with status, amount or payee',
    sql: `select p.id from payments p left join (
            select payment_id,
              coalesce(sum(amount_minor) filter (where account = 'processor_clearing'), 0) as clearing,
              coalesce(sum(amount_minor) filter (where account = 'payee_pending'), 0) as pending,
              coalesce(sum(amount_minor) filter (where account = 'payee_available'), 0) as available,
              bool_and(owner_id is null or owner_id = (select payee_id from payments where id = payment_id))
                as owned, count(*) as postings
            from postings group by payment_id) l on l.payment_id = p.id
          where l.payment_id is null or not l.owned
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

type Held = { kept: number; charges: number; reserved: number };

/** What the processor holds, by payment. */
const readHeld = async (stripe: Stripe): Promise<Map<string, Held>> => {
  const byPayment = new Map<string, Held>();
  const paymentOf = new Map<string, string>();
  const heldFor = (payment: string): Held => {
    const held = byPayment.get(payment) ?? { kept: 0, charges: 0, reserved: 0 };
    byPayment.set(payment, held);
    return held;
  };
  for await (const intent of stripe.paymentIntents.list({ limit: 100 })) {
    const payment = intent.metadata['payment_id'] ?? '';
    paymentOf.set(intent.id, payment);
    if (RESERVING.has(intent.status)) heldFor(payment).reserved += intent.amount;
  }
  for await (const charge of stripe.charges.list({ limit: 100 })) {
    if (!charge.captured) continue;
    const held = heldFor(paymentOf.get(String(charge.payment_intent)) ?? '');
    held.charges += 1;
    held.kept += charge.amount_captured - charge.amount_refunded;
  }
  return byPayment;
};
const RESERVING: ReadonlySet<string> = new Set(['requires_capture', 'processing', 'requires_action']);

type Row = { id: string; status: string; amount_minor: string; is_open: boolean };

const readRows = async (db: Client, ids: readonly string[] | null): Promise<Row[]> =>
  (
    await db.query<Row>(
      `select id, status, amount_minor, exists (
         select from processor_operations o where o.payment_id = p.id and o.step <> 'done') as is_open
       from payments p where $1::text[] is null or id = any($1)`,
      [ids],
    )
  ).rows;

const violationOf = ({ id, status, amount_minor: amount }: Row, held: Held): Violation | null => {
  const due = status === 'completed' ? Number(amount) : 0;
  const { kept, charges, reserved } = held;
  if (charges > 1) return { law: 'D', id, what: `charged ${charges} times` };
  if (kept > due && due > 0) return { law: 'D', id, what: `${kept} was kept of ${due}` };
  if (kept !== due) return { law: 'R', id, what: `${status}, but ${kept} was kept of ${due}` };
  if (reserved > 0) return { law: 'R', id, what: `${status}, but ${reserved} is still reserved` };
  return null;
};

/**
 * D and R against the processor, for payments without an open operation: one charge for each completed
 * payment, no charge for others, no reservation; and nothing for payments that do not exist.
 */
export const checkCharges = async (db: Client, stripe: Stripe): Promise<Violation[]> => {
  // Read first: a payment that completes during the processor's answer would seem to lack its charge.
  const rows = (await readRows(db, null)).filter(({ is_open: isOpen }) => !isOpen);
  const held = await readHeld(stripe);
  const known = new Set(rows.map(({ id }) => id));
  const others = [...held.keys()].filter((id) => id.startsWith('pay_') && !known.has(id));
  const existing = new Set((await readRows(db, others)).map(({ id }) => id));
  const unknown = others
    .filter((id) => !existing.has(id) && (held.get(id)?.kept || held.get(id)?.reserved))
    .map((id): Violation => ({
      law: 'R',
      id,
      what: 'the processor holds money of a payment that is not there',
    }));
  const violations = rows.flatMap((row) => {
    const violation = violationOf(row, held.get(row.id) ?? { kept: 0, charges: 0, reserved: 0 });
    return violation ? [violation] : [];
  });
  return [...violations, ...unknown];
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
