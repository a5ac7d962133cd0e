import type { Queryable } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Currency } from '../../../shared/contracts/currencies.ts';
import type { Party } from '../../../shared/contracts/payments.ts';

const MAX_RECENT = 5;
/** Only so many payments are looked at, so that the answer costs the same for a payer of many. */
const LOOKED_AT = 200;

type RecentRow = Party & { currency: Currency; payable: boolean };

/** The vendors that can be paid among the payees of a payer's last payments, and the last one's currency. */
export const readRecentPayees = async (
  db: Queryable,
  payerId: UserId,
): Promise<{ items: Party[]; currency: Currency | null }> => {
  const rows = await db.query<RecentRow>(
    `with sent as (
       select id, payee_id, currency from payments where payer_id = $1 order by id desc limit ${LOOKED_AT}
     ), latest as (
       select distinct on (payee_id) payee_id, id, currency from sent order by payee_id, id desc
     )
     select parties.id, name, email, currency, role = 'VENDOR' and status = 'active' as payable
     from latest join parties on parties.id = payee_id order by latest.id desc`,
    [payerId],
  );
  const payable = rows.filter((row) => row.payable).slice(0, MAX_RECENT);
  return {
    items: payable.map(({ id, name, email }) => ({ id, name, email })),
    currency: rows[0]?.currency ?? null,
  };
};
