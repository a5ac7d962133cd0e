import { purgeOf } from '../../../../broker/postgres/delete-in-batches.ts';
import type { Queryable, Transaction } from '../../../../broker/postgres/database.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';

/** Whether a device was used, after `since`, for the account with this e-mail address. */
export const isDeviceOf = async (
  db: Queryable,
  device: { hash: Buffer; email: string; since: Date },
): Promise<boolean> => {
  const rows = await db.query(
    `select 1 from known_devices d join users u on u.id = d.user_id
     where d.hash = $1 and lower(u.email) = lower($2) and d.last_used_at > $3`,
    [device.hash, device.email, device.since],
  );
  return rows.length > 0;
};

/** Updates the last use of a known device and returns its name; null when the device has been deleted. */
export const touchDevice = async (
  tx: Transaction,
  hash: Buffer,
  at: Date,
): Promise<{ name: string | null } | null> => {
  const [device] = await tx.query<{ name: string | null }>(
    'update known_devices set last_used_at = $2 where hash = $1 returning name',
    [hash, at],
  );
  return device ?? null;
};

/** Gives a known device a name; null takes it away. */
export const nameDevice = async (tx: Transaction, hash: Buffer, name: string | null): Promise<void> => {
  await tx.query('update known_devices set name = $2 where hash = $1', [hash, name]);
};

export type KnownDeviceKind = 'browser' | 'program';
type NewDevice = { hash: Buffer; userId: UserId; kind: KnownDeviceKind; at: Date; max: number };

/** Adds a device of a user; beyond `max` of its kind the least recently used devices are deleted. */
export const addDevice = async (
  tx: Transaction,
  { hash, userId, kind, at, max }: NewDevice,
): Promise<void> => {
  await tx.query(
    'insert into known_devices (hash, user_id, kind, created_at, last_used_at) values ($1, $2, $3, $4, $4)',
    [hash, userId, kind, at],
  );
  await tx.query(
    `delete from known_devices where hash in (
       select hash from known_devices where user_id = $1 and kind = $2
       order by last_used_at desc, created_at desc offset $3
     )`,
    [userId, kind, max],
  );
};

/** Deletes at most `limit` devices last used before `before`; returns their number. */
export const purgeDevices = purgeOf({ table: 'known_devices', key: 'hash', age: 'last_used_at' });
