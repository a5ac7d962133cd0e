import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { decideAbout } from '../../accounts/admin-decision.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { setUserStatus } from '../../persistence/accounts/users.ts';
import { endAll, signalEnded } from '../../sessions/revoke-session.ts';

export const suspend: AuthAction<'suspend'> = async (service, call) => {
  const { user, ended } = await decideAbout(service, call, true, async (tx, current, decision) => {
    if (current.status === 'suspended') return { user: current, ended: [] };
    const { id } = current;
    const suspended = await setUserStatus(tx, { id, status: 'suspended', at: new Date(decision.at) });
    await service.outbox.add(tx, auth.events.userSuspended, { userId: id, ...decision });
    await recordUserChange(service, tx, suspended);
    return { user: suspended, ended: await endAll(service, tx, id, 'suspended') };
  });
  await signalEnded(service, ended);
  return publicUser(user);
};
