import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import type { SettingKey, SettingValue } from '../../../shared/contracts/admin/settings.ts';
import type { Id, UserId } from '../../../shared/contracts/ids.ts';
import { lockSetting, readSetting, writeSetting, type SettingRow } from '../persistence/settings.ts';

export type Wanted = {
  key: SettingKey;
  value: SettingValue;
  /** The version that the change is based on. */
  version: number;
  by: UserId;
  reason: string;
  approvalId: Id<'approval'> | null;
};

/**
 * Makes a change with its history and event, unless the setting was changed since the version that the change
 * is based on.
 * @returns whether it was made, and the setting as it is then
 */
export const makeChange = async (
  { clock, outbox }: Pick<Service, 'clock' | 'outbox'>,
  tx: Transaction,
  { key, value, version, by, reason, approvalId }: Wanted,
): Promise<{ made: boolean; now: SettingRow }> => {
  await lockSetting(tx, key);
  const current = await readSetting(tx, key);
  if (current.version !== version) return { made: false, now: current };
  const at = clock.now();
  const now = { value, version: version + 1 };
  const about = { key, by, reason, approvalId, version: now.version };
  await writeSetting(tx, { ...about, before: current.value, after: value, at });
  const event = { ...about, value, previousValue: current.value, at: at.toISOString() };
  await outbox.add(tx, admin.events.settingChanged, event);
  return { made: true, now };
};
