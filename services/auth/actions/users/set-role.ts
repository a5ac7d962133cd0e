import { AppError } from '../../../../broker/calls/errors.ts';
import { decideAbout } from '../../accounts/admin-decision.ts';
import { mustWait } from '../../accounts/approvals.ts';
import { askedRole } from '../../accounts/asked-acts.ts';
import { managedUser } from '../../accounts/public-user.ts';
import { changeRole, signalRole } from '../../accounts/role-change.ts';
import type { AuthAction } from '../../auth.ts';
import { lastSignInOf } from '../../persistence/accounts/list-users.ts';

export const setRole: AuthAction<'setRole'> = async (service, call) => {
  const { role } = call.params;
  const user = await decideAbout(service, call, { takesRights: true }, async (tx, current, decision) => {
    const asked = askedRole(current.id, { ...current, role });
    const isNew = current.role !== role;
    if (isNew && (await mustWait(service, tx, asked, decision))) return null;
    return changeRole(service, tx, { user: current, role }, decision);
  });
  if (!user) throw new AppError('approval_needed');
  // Sent for an unchanged role too: the signal of the first request may have been lost.
  await signalRole(service, user);
  return managedUser(user, await lastSignInOf(service.db, user.id));
};
