import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';

export type Avatar = { hash: string; image: Buffer };

export const findAvatar = async (db: Queryable, userId: UserId): Promise<Avatar | null> => {
  const [avatar] = await db.query<Avatar>('select hash, image from avatars where user_id = $1', [userId]);
  return avatar ?? null;
};

export const findAvatarHash = async (db: Queryable, userId: UserId): Promise<string | null> => {
  const [avatar] = await db.query<{ hash: string }>('select hash from avatars where user_id = $1', [userId]);
  return avatar?.hash ?? null;
};

/** Users without an avatar are left out. */
export const findAvatarHashes = (
  db: Queryable,
  userIds: readonly UserId[],
): Promise<{ userId: UserId; hash: string }[]> =>
  db.query('select user_id as "userId", hash from avatars where user_id = any($1)', [userIds]);

/** Stores an avatar; returns false when it is the stored one already. */
export const saveAvatar = async (
  tx: Transaction,
  { userId, hash, image, at }: Avatar & { userId: UserId; at: Date },
): Promise<boolean> => {
  const saved = await tx.query(
    `insert into avatars (user_id, hash, image, updated_at) values ($1, $2, $3, $4)
     on conflict (user_id) do update set hash = $2, image = $3, updated_at = $4 where avatars.hash <> $2
     returning user_id`,
    [userId, hash, image, at],
  );
  return saved.length > 0;
};

/** Returns false when there was none. */
export const deleteAvatar = async (tx: Transaction, userId: UserId): Promise<boolean> =>
  (await tx.query('delete from avatars where user_id = $1 returning user_id', [userId])).length > 0;
