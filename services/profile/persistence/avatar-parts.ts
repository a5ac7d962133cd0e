import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';

/** A part of an upload: the first one is 0. */
export type AvatarPart = { userId: UserId; upload: string; part: number; data: Buffer; at: Date };

/** Removes the parts of the user's uploads: there is one at a time, the last one. */
export const deleteParts = async (tx: Queryable, userId: UserId): Promise<void> => {
  await tx.query('delete from avatar_parts where user_id = $1', [userId]);
};

/** Stores the next part; returns false when there is another upload, or the part before is missing. */
export const insertPart = async (
  tx: Transaction,
  { userId, upload, part, data, at }: AvatarPart,
): Promise<boolean> => {
  const inserted = await tx.query(
    `insert into avatar_parts (user_id, upload, part, data, at)
     select $1, $2, $3, $4, $5
     where $3 = 0 or exists (select from avatar_parts where user_id = $1 and upload = $2 and part = $3 - 1)
     on conflict (user_id, part) do nothing
     returning part`,
    [userId, upload, part, data, at],
  );
  return inserted.length > 0;
};

/** The size of all parts of the user's upload. */
export const sizeOfParts = async (tx: Queryable, userId: UserId): Promise<number> => {
  const [row] = await tx.query<{ size: number }>(
    'select coalesce(sum(length(data)), 0)::int as size from avatar_parts where user_id = $1',
    [userId],
  );
  return row?.size ?? 0;
};

/** Removes the parts of the user's upload, and returns their contents in order. */
export const takeParts = async (db: Queryable, userId: UserId): Promise<Buffer> => {
  const rows = await db.query<{ part: number; data: Buffer }>(
    'delete from avatar_parts where user_id = $1 returning part, data',
    [userId],
  );
  return Buffer.concat(rows.toSorted((one, other) => one.part - other.part).map(({ data }) => data));
};

/** Uploads that were interrupted. */
export const purgeParts = purgeOf({ table: 'avatar_parts', key: 'user_id, part', age: 'at' });
