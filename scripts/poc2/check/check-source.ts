import type { Client } from 'pg';
import { CURRENCIES, CURRENCY_RULES } from '../../../shared/contracts/currencies.ts';

/** Something about the source that is not about one row. */
export type Remark = { text: string; isProblem: boolean };

const DIGITS = CURRENCIES.map((code) => `('${code}', ${CURRENCY_RULES[code].digits})`).join(', ');

/** Currencies of which all amounts together are more than Payloom can add up exactly. */
const LARGE_SUMS = `
  select p.currency, sum(abs(p.amount))::text as sum
  from payments p join (values ${DIGITS}) known (code, digits) on known.code = upper(btrim(p.currency))
  where p.amount <> 'NaN' group by p.currency, known.digits
  having sum(abs(p.amount)) * 10 ^ known.digits > ${Number.MAX_SAFE_INTEGER} order by 1`;

/** References whose row is missing. The mapping finds those of the tables that it reads. */
const ORPHANS = `
  select 'payment_transactions' as table, count(*)::int as count from payment_transactions t
    where not exists (select from payments where id = t.payment_id)
  union all
  select 'audit_logs', count(*)::int from audit_logs a
    where a.user_id is not null and not exists (select from users where id = a.user_id)`;

/** Whether the transactions of a payment are found without reading all. */
const HAS_INDEX = `
  select exists (
    select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = 'payment_transactions'::regclass and a.attname = 'payment_id' and i.indisvalid
  ) as there`;

/** What rows do not show one by one. */
export const checkSource = async (client: Client): Promise<Remark[]> => {
  const { rows: sums } = await client.query<{ currency: string; sum: string }>(LARGE_SUMS);
  const { rows: orphans } = await client.query<{ table: string; count: number }>(ORPHANS);
  const { rows: index } = await client.query<{ there: boolean }>(HAS_INDEX);
  return [
    ...sums.map(({ currency, sum }) => ({
      text: `payments: all of ${currency} add up to ${sum}, which is more than reports can show exactly`,
      isProblem: true,
    })),
    ...orphans
      .filter(({ count }) => count > 0)
      .map(({ table, count }) => ({
        text: `${table}: ${count} rows refer to a row that is not there; the reference is left out`,
        isProblem: true,
      })),
    ...(index[0]?.there
      ? []
      : [
          {
            text:
              'payment_transactions has no index on payment_id: copying reads the whole table for each ' +
              'payment. create index on payment_transactions (payment_id) first.',
            isProblem: false,
          },
        ]),
  ];
};
