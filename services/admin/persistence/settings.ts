import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../../broker/postgres/cursors.ts';
import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import {
  SETTINGS,
  settingKey,
  type SettingChange,
  type SettingKey,
  type SettingValue,
} from '../../../shared/contracts/admin/settings.ts';
import type { Id, UserId } from '../../../shared/contracts/ids.ts';

export type SettingRow = { value: SettingValue; version: number };
export type CopiedSetting = SettingRow & { id: SettingKey };

/** A setting as it is now. */
export const readSetting = async (db: Queryable, key: SettingKey): Promise<SettingRow> => {
  const [row] = await db.query<SettingRow>('select value, version from settings where key = $1', [key]);
  return row ?? { value: SETTINGS[key].initial, version: 0 };
};

/** Changes of a setting wait for each other until the end of the transaction, also of its first one. */
export const lockSetting = async (tx: Transaction, key: SettingKey): Promise<void> => {
  await tx.query("select pg_advisory_xact_lock(hashtext('setting ' || $1))", [key]);
};

export type NewChange = {
  key: SettingKey;
  before: SettingValue;
  after: SettingValue;
  version: number;
  by: UserId;
  reason: string;
  approvalId: Id<'approval'> | null;
  at: Date;
};

/** Stores a setting's new value with its history. */
export const writeSetting = async (tx: Transaction, change: NewChange): Promise<void> => {
  const { key, before, after, version, by, reason, approvalId, at } = change;
  await tx.query(
    `with saved as (
       insert into settings (key, value, version) values ($1, $3, $4)
       on conflict (key) do update set value = excluded.value, version = excluded.version
     )
     insert into setting_changes (key, before, after, version, changed_by, reason, approval_id, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [key, JSON.stringify(before), JSON.stringify(after), version, by, reason, approvalId, at],
  );
};

/** The settings that were changed, by key: those after a key, or certain ones. */
export const readCopies = (
  db: Queryable,
  params: { after: string; limit: number } | { ids: string[] },
): Promise<CopiedSetting[]> =>
  'ids' in params
    ? db.query('select key as id, value, version from settings where key = any($1)', [params.ids])
    : db.query('select key as id, value, version from settings where key > $1 order by key limit $2', [
        params.after,
        params.limit,
      ]);

type ChangeRow = Omit<SettingChange, 'by' | 'at'> & { changedBy: UserId; name: string; at: Date };

const CHANGES = `select c.key, c.before, c.after, c.version, c.changed_by as "changedBy",
    coalesce(p.name, 'Unknown user') as name, c.reason, c.approval_id as "approvalId", c.at
  from setting_changes c left join people p on p.id = c.changed_by`;

const toChange = ({ changedBy, name, at, ...change }: ChangeRow): SettingChange => ({
  ...change,
  by: { id: changedBy, name },
  at: at.toISOString(),
});

/** The last change of each setting that was changed. */
export const readLastChanges = async (db: Queryable): Promise<SettingChange[]> => {
  const rows = await db.query<ChangeRow>(
    `${CHANGES} join settings s on s.key = c.key and s.version = c.version`,
  );
  return rows.map(toChange);
};

const CURSOR = z.tuple([settingKey, z.int()]);

/** One page of the history of a setting, newest first. @throws AppError `invalid_cursor` */
export const listChanges = async (
  db: Queryable,
  { key, limit, cursor }: { key: SettingKey; limit: number; cursor?: string | undefined },
): Promise<{ items: SettingChange[]; nextCursor: string | null }> => {
  const ofThisKey = z.refine<readonly unknown[]>(([listed]) => listed === key);
  const before = cursor === undefined ? null : readCursor(cursor, CURSOR.check(ofThisKey))[1];
  const rows = await db.query<ChangeRow>(
    `${CHANGES} where c.key = $1 and ($2::int is null or c.version < $2)
     order by c.version desc limit $3`,
    [key, before, limit + 1],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(toChange),
    nextCursor: rows.length > limit && last ? writeCursor([key, last.version]) : null,
  };
};
