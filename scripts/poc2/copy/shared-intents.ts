import type { Client } from 'pg';
import type { MappingOptions } from '../mapping/table-mapping.ts';

/** Ids of the processor that open payments name, with those of their transactions. */
const OPEN = `
  select psp_transaction_id as intent from payments
    where status::text in ('pending', 'processing') and psp_transaction_id <> ''
  union
  select t.psp_transaction_id from payments p join payment_transactions t on t.payment_id = p.id
    where p.status::text in ('pending', 'processing') and t.psp_transaction_id <> ''`;

const SHARED = `
  with open as materialized (${OPEN})
  select intent from (
    select psp_transaction_id as intent, id from payments
      where psp_transaction_id in (select intent from open)
    union
    select psp_transaction_id, payment_id from payment_transactions
      where psp_transaction_id in (select intent from open)
  ) named group by intent having count(*) > 1`;

/** PaymentIntents that an open payment and another payment name: nobody knows whose money they hold. */
export const readSharedIntents = async (
  client: Client,
  { open }: Pick<MappingOptions, 'open'>,
): Promise<Set<string>> => {
  if (open === null) return new Set();
  const { rows } = await client.query<{ intent: string }>(SHARED);
  return new Set(rows.map(({ intent }) => intent));
};
