import { SETTING_KEYS, SETTINGS, type SettingStates } from '../../../../shared/contracts/admin/settings.ts';
import type { AdminAction } from '../../admin.ts';
import { readLastChanges } from '../../persistence/settings.ts';

export const settings: AdminAction<'settings'> = async ({ db }) => {
  const changes = new Map((await readLastChanges(db)).map((change) => [change.key, change]));
  const states = SETTING_KEYS.map((key) => {
    const last = changes.get(key);
    const value = last ? last.after : SETTINGS[key].initial;
    return [
      key,
      { value, version: last?.version ?? 0, changedBy: last?.by ?? null, changedAt: last?.at ?? null },
    ];
  });
  return Object.fromEntries(states) as SettingStates;
};
