import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { decideAbout } from '../../accounts/admin-decision.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { setUserRole } from '../../persistence/accounts/users.ts';
import { signalRevoked } from '../../sessions/revoke-session.ts';

export const setRole: AuthAction<'setRole'> = async (service, call) => {
  const { role } = call.params;
  const user = await decideAbout(service, call, true, async (tx, current, decision) => {
    if (current.role === role) return current;
    const { id, role: previousRole } = current;
    const changed = await setUserRole(tx, { id, role, at: new Date(decision.at) });
    const { accessVersion } = changed;
    const event = { userId: id, role, previousRole, accessVersion, ...decision };
    await service.outbox.add(tx, auth.events.roleChanged, event);
    await recordUserChange(service, tx, changed);
    return changed;
  });
  // Sent for an unchanged role too: the signal of the first request may have been lost.
  await signalRevoked(service, { staleVersions: [{ userId: user.id, version: user.accessVersion }] });
  return publicUser(user);
};
