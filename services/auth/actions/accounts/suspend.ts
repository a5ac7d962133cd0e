import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { decideAbout } from '../../accounts/admin-decision.ts';
import { viewOf } from '../../accounts/user-view.ts';
import { setUserStatus } from '../../persistence/accounts/users.ts';
import type { AuthAction } from '../../auth.ts';
import { signalEnded, endAll } from '../../sessions/revoke-session.ts';

export const suspend: AuthAction<'suspend'> = async (service, call) => {
  const { user, ended } = await decideAbout(service, call, true, async (tx, known, decision) => {
    if (known.status === 'suspended') return { user: known, ended: [] };
    const { id } = known;
    const user = await setUserStatus(tx, { id, status: 'suspended', at: new Date(decision.at) });
    await service.outbox.add(tx, auth.events.userSuspended, { userId: id, ...decision });
    await recordUserChange(service, tx, user);
    return { user, ended: await endAll(service, tx, id, 'suspended') };
  });
  await signalEnded(service, ended);
  return viewOf(user);
};
