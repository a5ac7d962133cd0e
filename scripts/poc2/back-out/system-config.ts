import type { SettingKey } from '../../../shared/contracts/admin/settings.ts';
import type { OldIds } from './old-ids.ts';
import { update, type Was, type Write } from './writes.ts';

/** A setting with its last change. */
export type SettingNow = {
  id: SettingKey;
  /** JSON. */
  value: string;
  changed_by: string | null;
  at: string | null;
};

const isSameJson = (one: string | null, other: string): boolean =>
  one !== null && JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));

/** What becomes of the row that a setting came from (`--setting`). */
export const settingBack = (now: SettingNow, key: string, was: Was, oldIds: OldIds): Write[] => {
  const { value, changed_by: by, at } = now;
  if (isSameJson(was.row['value'] ?? null, value)) return [];
  return update('system_config', key, {
    value,
    ...(at !== null && { updated_at: at }),
    ...(by !== null && { updated_by: oldIds(by) }),
  });
};
