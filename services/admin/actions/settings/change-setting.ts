import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { loosens, type SettingValue } from '../../../../shared/contracts/admin/settings.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import type { AdminAction } from '../../admin.ts';
import { readSetting, type SettingRow } from '../../persistence/settings.ts';
import { makeChange } from '../../settings/change.ts';

const changedMeanwhile = ({ value, version }: SettingRow): AppError => {
  const message = `is ${version} now, with the value ${JSON.stringify(value)}`;
  return new AppError('setting_changed', { errors: [{ path: 'version', message, code: 'setting_changed' }] });
};

/**
 * What stops or lowers is done at once and needs this service's database alone. Whether what gives something
 * back has to wait is decided by auth, which then keeps the request: the event of its approval makes the
 * change. A request that is repeated after a lost answer finds the value it asks for.
 */
export const changeSetting: AdminAction<'changeSetting'> = async (service, call) => {
  const { key, version, reason } = call.params;
  const value = call.params.value as SettingValue;
  const before = await readSetting(service.db, key);
  if (isDeepStrictEqual(before.value, value)) return { key, ...before };
  if (before.version !== version) throw changedMeanwhile(before);
  if (loosens(key, before.value, value)) {
    const asked = { key, before: before.value, value, version, reason };
    const { waits } = await call.call(auth.actions.requestSettingChange, asked);
    if (waits) throw new AppError('approval_needed');
  }
  const wanted = { key, value, version, by: callerOf(call).userId, reason, approvalId: null };
  const { made, now } = await service.db.transaction((tx) => makeChange(service, tx, wanted));
  if (!made) throw changedMeanwhile(now);
  return { key, ...now };
};
