import { purgeOf } from '../../../../broker/postgres/delete-in-batches.ts';
import type { Queryable, Transaction } from '../../../../broker/postgres/database.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';

export type PasswordLinkRow = { userId: UserId; expiresAt: Date };

const COLUMNS = 'user_id as "userId", expires_at as "expiresAt"';

/** Stores the link of a user; an earlier one is void from then on. */
export const savePasswordLink = async (
  tx: Transaction,
  link: PasswordLinkRow & { hash: Buffer; createdAt: Date },
): Promise<void> => {
  await tx.query(
    `insert into password_links (user_id, hash, created_at, expires_at) values ($1, $2, $3, $4)
     on conflict (user_id) do update set hash = excluded.hash, created_at = excluded.created_at,
       expires_at = excluded.expires_at`,
    [link.userId, link.hash, link.createdAt, link.expiresAt],
  );
};

/** The link with this hash, if it is valid at this time. */
export const findPasswordLink = async (
  db: Queryable,
  hash: Buffer,
  at: Date,
): Promise<PasswordLinkRow | null> => {
  const [link] = await db.query<PasswordLinkRow>(
    `select ${COLUMNS} from password_links where hash = $1 and expires_at > $2`,
    [hash, at],
  );
  return link ?? null;
};

/** The link of a user, valid or not. */
export const passwordLinkOf = async (db: Queryable, userId: UserId): Promise<PasswordLinkRow | null> => {
  const [link] = await db.query<PasswordLinkRow>(`select ${COLUMNS} from password_links where user_id = $1`, [
    userId,
  ]);
  return link ?? null;
};

export const deletePasswordLink = async (tx: Transaction, userId: UserId): Promise<void> => {
  await tx.query('delete from password_links where user_id = $1', [userId]);
};

/** Deletes at most `limit` links that expired before `before`; returns their number. */
export const purgePasswordLinks = purgeOf({ table: 'password_links', key: 'user_id', age: 'expires_at' });
