import { auth } from '../../../shared/contracts/auth.ts';
import { recordUserChange } from '../accounts/create-account.ts';
import { decideAbout } from '../accounts/decide.ts';
import { viewOf } from '../accounts/view.ts';
import { setUserRole } from '../persistence/users.ts';
import type { AuthAction } from '../room.ts';
import { announceRevoked } from '../sessions/end-sessions.ts';

export const setRole: AuthAction<'setRole'> = async (room, call) => {
  const { role } = call.params;
  const user = await decideAbout(room, call, true, async (tx, known, decision) => {
    if (known.role === role) return known;
    const { id, role: previousRole } = known;
    const changed = await setUserRole(tx, { id, role, at: new Date(decision.at) });
    const { accessVersion } = changed;
    const told = { userId: id, role, previousRole, accessVersion, ...decision };
    await room.outbox.add(tx, auth.facts.roleChanged, told);
    await recordUserChange(room, tx, changed);
    return changed;
  });
  // Also when it was so before: the first announcement may not have been heard.
  await announceRevoked(room, { outdated: [{ userId: user.id, version: user.accessVersion }] });
  return viewOf(user);
};
