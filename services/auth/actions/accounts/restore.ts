import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { decideAbout } from '../../accounts/admin-decision.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { setUserStatus } from '../../persistence/accounts/users.ts';

export const restore: AuthAction<'restore'> = async (service, call) => {
  const user = await decideAbout(service, call, false, async (tx, current, decision) => {
    if (current.status === 'active') return current;
    const { id } = current;
    const restored = await setUserStatus(tx, { id, status: 'active', at: new Date(decision.at) });
    await service.outbox.add(tx, auth.events.userRestored, { userId: id, ...decision });
    await recordUserChange(service, tx, restored);
    return restored;
  });
  return publicUser(user);
};
