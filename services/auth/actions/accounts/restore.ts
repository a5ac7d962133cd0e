import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { decideAbout } from '../../accounts/admin-decision.ts';
import { viewOf } from '../../accounts/user-view.ts';
import { setUserStatus } from '../../persistence/accounts/users.ts';
import type { AuthAction } from '../../auth.ts';

export const restore: AuthAction<'restore'> = async (service, call) => {
  const user = await decideAbout(service, call, false, async (tx, known, decision) => {
    if (known.status === 'active') return known;
    const { id } = known;
    const restored = await setUserStatus(tx, { id, status: 'active', at: new Date(decision.at) });
    await service.outbox.add(tx, auth.events.userRestored, { userId: id, ...decision });
    await recordUserChange(service, tx, restored);
    return restored;
  });
  return viewOf(user);
};
