import type { Queryable, Transaction } from '../../../../broker/postgres/database.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';

/** Whether this database came from POC-2 and can still go back (scripts/poc2): `finish` drops the table. */
export const keepsPoc2Hashes = async (db: Queryable): Promise<boolean> => {
  const [row] = await db.query<{ there: boolean }>(`select to_regclass('poc2_hashes') is not null as there`);
  return row?.there === true;
};

/** Stores the hash of a user's new password. */
export const savePoc2Hash = async (tx: Transaction, id: UserId, hash: string): Promise<void> => {
  // The table may have been dropped since the start.
  if (!(await keepsPoc2Hashes(tx))) return;
  await tx.query(
    `insert into poc2_hashes (user_id, hash) values ($1, $2)
     on conflict (user_id) do update set hash = excluded.hash`,
    [id, hash],
  );
};

/** Deletes the hash of a password that is void. */
export const deletePoc2Hash = async (tx: Transaction, id: UserId): Promise<void> => {
  if (await keepsPoc2Hashes(tx)) await tx.query('delete from poc2_hashes where user_id = $1', [id]);
};
