import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import type { auth } from '../../../shared/contracts/auth/auth.ts';
import type { PayloadOf } from '../../../shared/contracts/contract.ts';
import { makeChange } from './change.ts';

/**
 * Makes the change of a setting that an administrator asked for and another one approved, as an act of the
 * first. If the setting was changed in between, it stays as it is, and an event says so.
 */
export const makeApproved = async (
  service: Pick<Service, 'clock' | 'outbox'>,
  tx: Transaction,
  {
    setting,
    approvalId,
    requestedBy: by,
    requestReason,
    reason,
  }: PayloadOf<typeof auth.events.approvalGiven>,
): Promise<void> => {
  if (setting === null) return;
  const { key, value, version } = setting;
  const wanted = { key, value, version, by, reason: requestReason ?? reason, approvalId };
  const { made } = await makeChange(service, tx, wanted);
  if (made) return;
  const at = service.clock.iso();
  await service.outbox.add(tx, admin.events.settingChangeVoided, { ...wanted, at });
};
