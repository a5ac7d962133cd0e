import { OUTBOX_COLUMNS, type OutboxRow } from '../../../../broker/events/outbox.ts';
import type { Transaction } from '../../../../broker/postgres/database.ts';

/** Writes many events in one statement: thousands of sessions of a user may end at once. */
export const insertSessionEvents = async (tx: Transaction, rows: readonly OutboxRow[]): Promise<void> => {
  const column = (index: number) => rows.map((row) => row[index]);
  await tx.query(
    `insert into outbox ${OUTBOX_COLUMNS}
     select * from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::text[],
       $7::text[])`,
    [column(0), column(1), column(2), column(3), column(4), column(5), column(6)],
  );
};
