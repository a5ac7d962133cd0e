import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { administer } from '../../accounts/admin-decision.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import type { AuthAction } from '../../auth.ts';
import { findUserById, setUserRole } from '../../persistence/accounts/users.ts';
import { signalRevoked } from '../../sessions/revoke-session.ts';

export const setRole: AuthAction<'setRole'> = async (service, call) => {
  const { id: userId, role } = call.params;
  const user = await administer(service, call, { takesRights: true }, async (tx, current, decision) => {
    const { role: previousRole } = current;
    if (previousRole === role) return { user: current };
    const changed = await setUserRole(tx, { id: userId, role, at: new Date(decision.at) });
    const { accessVersion } = changed;
    const changes = { before: { role: previousRole }, after: { role } };
    const event = { userId, role, previousRole, accessVersion, ...decision, ...changes };
    await service.outbox.add(tx, auth.events.roleChanged, event);
    await recordUserChange(service, tx, changed);
    return { user: changed };
  });
  // Sent for an unchanged role too: the signal of the first request may have been lost.
  const version = (await findUserById(service.db, userId))?.accessVersion ?? 1;
  await signalRevoked(service, { staleVersions: [{ userId, version }] });
  return user;
};
