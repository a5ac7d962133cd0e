import type { Copy } from '../../../broker/copies/copy.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import type { AuthService } from '../auth.ts';
import { saveSetting } from '../persistence/settings.ts';

export const onSettingChanged = subscribe<AuthService, typeof admin.events.settingChanged>(
  admin.events.settingChanged,
  async (_service, { payload: { key: id, version, value }, tx }) => saveSetting(tx, { id, version, value }),
);

/** This service's copy of the settings of admin. */
export const settingsCopy: Copy = {
  source: admin.actions.settingCopies,
  table: 'settings',
  columns: ['value'],
  save: saveSetting,
};
