import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { setUserRole, type UserRow } from '../persistence/accounts/users.ts';
import { signalRevoked, type SignalService } from '../sessions/revoke-session.ts';
import type { Decision } from './admin-decision.ts';
import { recordUserChange } from './create-account.ts';

/** Changes the role of a user whom the transaction has locked; nothing when it is the role already. */
export const changeRole = async (
  service: Pick<Service, 'outbox'>,
  tx: Transaction,
  { user, role }: { user: UserRow; role: Role },
  decision: Decision,
): Promise<UserRow> => {
  const { id, role: previousRole } = user;
  if (previousRole === role) return user;
  const changed = await setUserRole(tx, { id, role, at: new Date(decision.at) });
  const { accessVersion } = changed;
  const changes = { before: { role: previousRole }, after: { role } };
  const event = { userId: id, role, previousRole, accessVersion, ...decision, ...changes };
  await service.outbox.add(tx, auth.events.roleChanged, event);
  await recordUserChange(service, tx, changed);
  return changed;
};

/** Signals after the commit that access tokens with the former role are void. */
export const signalRole = (
  service: SignalService,
  { id: userId, accessVersion: version }: Pick<UserRow, 'id' | 'accessVersion'>,
): Promise<void> => signalRevoked(service, { staleVersions: [{ userId, version }] });
