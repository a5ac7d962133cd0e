import type { Transaction } from '../../../broker/postgres/database.ts';
import type { SettingKey, Settings } from '../../../shared/contracts/admin/settings.ts';

type CopiedSetting = { id: SettingKey; version: number; value: Settings[SettingKey] };

/** Saves a setting unless the stored version is newer or the same. */
export const saveSetting = async (tx: Transaction, { id, version, value }: CopiedSetting): Promise<void> => {
  await tx.query(
    `insert into settings (id, version, value) values ($1, $2, $3)
     on conflict (id) do update set version = excluded.version, value = excluded.value
     where settings.version < excluded.version`,
    [id, version, JSON.stringify(value)],
  );
};
