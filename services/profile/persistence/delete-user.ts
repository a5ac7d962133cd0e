import type { Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';

/** Deletes everything that is stored about a user. */
export const deleteUser = async (tx: Transaction, userId: UserId): Promise<void> => {
  for (const table of ['details', 'preferences', 'avatars', 'avatar_parts', 'exports'])
    await tx.query(`delete from ${table} where user_id = $1`, [userId]);
};
