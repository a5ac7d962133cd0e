import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { administer } from '../../accounts/admin-decision.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import type { AuthAction } from '../../auth.ts';
import { stateOf } from '../../domain/accounts/user-state.ts';
import { setUserStatus } from '../../persistence/accounts/users.ts';

export const restore: AuthAction<'restore'> = (service, call) =>
  administer(service, call, { takesRights: false }, async (tx, current, decision) => {
    if (current.status === 'active') return { user: current };
    const { id } = current;
    const user = await setUserStatus(tx, { id, status: 'active', at: new Date(decision.at) });
    const changes = { before: { state: stateOf(current) }, after: { state: stateOf(user) } };
    await service.outbox.add(tx, auth.events.userRestored, { userId: id, ...decision, ...changes });
    await recordUserChange(service, tx, user);
    return { user };
  });
