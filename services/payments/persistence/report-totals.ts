import type { Database, Queryable, Transaction } from '../../../broker/postgres/database.ts';
import { firstIdAt } from '../../../broker/process/ids.ts';

/** Payments that one transaction adds to the totals. */
const BATCH = 20_000;

const ADD_PART = `
  with part as (
    select payee_id, id, created_at, currency, status, amount_minor, failure_code from payments
    where id >= $1 and id < $2
  ), waiting as (
    insert into report_open (payment_id) select id from part where status in ('pending', 'processing')
  ), over as (
    delete from report_open o using payments p
    where p.id = o.payment_id and p.status in ('completed', 'failed', 'cancelled')
    returning p.payee_id, p.id, p.created_at, p.currency, p.status, p.amount_minor, p.failure_code
  ), ended as (
    select *, date_bin('15 minutes', created_at, 'epoch') as quarter
    from (select * from part where status in ('completed', 'failed', 'cancelled')
      union all select * from over) as together
  ), failures as (
    insert into report_failures as f
    select coalesce(payee_id, ''), quarter, currency, code, count(*), sum(amount_minor)
    from (select *, coalesce(failure_code, 'unknown') as code from ended where status = 'failed') as failed
    group by grouping sets ((payee_id, quarter, currency, code), (quarter, currency, code))
    on conflict (payee_id, quarter, currency, code) do update set
      failed_count = f.failed_count + excluded.failed_count,
      failed_minor = f.failed_minor + excluded.failed_minor
  )
  insert into report_totals as t
  select coalesce(payee_id, ''), quarter, currency,
    count(*) filter (where status = 'completed'),
    coalesce(sum(amount_minor) filter (where status = 'completed'), 0),
    count(*) filter (where status = 'failed'),
    coalesce(sum(amount_minor) filter (where status = 'failed'), 0),
    count(*) filter (where status = 'cancelled'),
    coalesce(sum(amount_minor) filter (where status = 'cancelled'), 0)
  from ended group by grouping sets ((payee_id, quarter, currency), (quarter, currency))
  on conflict (payee_id, quarter, currency) do update set
    completed_count = t.completed_count + excluded.completed_count,
    completed_minor = t.completed_minor + excluded.completed_minor,
    failed_count = t.failed_count + excluded.failed_count,
    failed_minor = t.failed_minor + excluded.failed_minor,
    cancelled_count = t.cancelled_count + excluded.cancelled_count,
    cancelled_minor = t.cancelled_minor + excluded.cancelled_minor`;

/** Where the totals end; locked until the transaction ends. */
const lockProgress = async (tx: Queryable): Promise<string> => {
  const [row] = await tx.query<{ until: string }>('select until_id as until from report_progress for update');
  return row?.until ?? '';
};

/** The end of the next batch, of the payments from `from` until `end`; null when there are none. */
const batchEnd = async (tx: Queryable, from: string, end: string): Promise<string | null> => {
  const [row] = await tx.query<{ first: string | null; beyond: string | null }>(
    `select (select min(id) from payments where id >= $1 and id < $2) as first,
       (select id from payments where id >= $1 and id < $2 order by id offset $3 limit 1) as beyond`,
    [from, end, BATCH],
  );
  return row?.first == null ? null : (row.beyond ?? end);
};

const addBatch = async (tx: Transaction, before: Date): Promise<boolean> => {
  const from = await lockProgress(tx);
  const end = firstIdAt('payment', before.getTime());
  const until = await batchEnd(tx, from, end);
  await tx.query(ADD_PART, [from, until ?? from]);
  if (until !== null) await tx.query('update report_progress set until_id = $1', [until]);
  return until !== null && until !== end;
};

/** Adds the payments that were created before this time to the totals, and those that have ended since. */
export const addToTotals = async (db: Database, before: Date, signal?: AbortSignal): Promise<void> => {
  while (await db.transaction((tx) => addBatch(tx, before))) if (signal?.aborted) return;
};

/** Empties the totals: for payments that were written with times of the past. */
export const clearTotals = (db: Database): Promise<void> =>
  db.transaction(async (tx) => {
    await lockProgress(tx);
    await tx.query('delete from report_totals');
    await tx.query('delete from report_failures');
    await tx.query('delete from report_open');
    await tx.query("update report_progress set until_id = ''");
  });

/** How many payments the totals contain, and how many they should. */
export const countTotals = async (db: Queryable): Promise<{ added: number; payments: number }> => {
  const [row] = await db.query<{ added: string; payments: string }>(
    `select (select count(*) from payments where id < until_id) as payments,
       (select count(*) from report_open) + (
         select coalesce(sum(completed_count + failed_count + cancelled_count), 0) from report_totals
         where payee_id = '') as added
     from report_progress`,
  );
  return { added: Number(row?.added ?? 0), payments: Number(row?.payments ?? 0) };
};
