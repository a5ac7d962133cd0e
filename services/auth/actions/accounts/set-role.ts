import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { decideAbout } from '../../accounts/admin-decision.ts';
import { viewOf } from '../../accounts/user-view.ts';
import { setUserRole } from '../../persistence/accounts/users.ts';
import type { AuthAction } from '../../auth.ts';
import { signalRevoked } from '../../sessions/revoke-session.ts';

export const setRole: AuthAction<'setRole'> = async (service, call) => {
  const { role } = call.params;
  const user = await decideAbout(service, call, true, async (tx, known, decision) => {
    if (known.role === role) return known;
    const { id, role: previousRole } = known;
    const changed = await setUserRole(tx, { id, role, at: new Date(decision.at) });
    const { accessVersion } = changed;
    const told = { userId: id, role, previousRole, accessVersion, ...decision };
    await service.outbox.add(tx, auth.events.roleChanged, told);
    await recordUserChange(service, tx, changed);
    return changed;
  });
  // Also when it was so before: the first announcement may not have been heard.
  await signalRevoked(service, { staleVersions: [{ userId: user.id, version: user.accessVersion }] });
  return viewOf(user);
};
