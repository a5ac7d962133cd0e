import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { administer } from '../../accounts/admin-decision.ts';
import { closeAccountOf } from '../../accounts/close-account.ts';
import { unknownPassword } from '../../accounts/password-link.ts';
import type { AuthAction } from '../../auth.ts';
import { stateOf } from '../../domain/accounts/user-state.ts';

export const closeUser: AuthAction<'closeUser'> = async (service, call) => {
  const passwordHash = await service.state.hashPassword(unknownPassword());
  const rule = { takesRights: true, alsoClosed: true };
  return administer(service, call, rule, async (tx, current, decision) => {
    if (current.status === 'deleted') return { user: current };
    const at = new Date(decision.at);
    return closeAccountOf(service, tx, current, { passwordHash, at }, (user) => {
      // Without name and address: the events before may name them, the last one need not.
      const changes = { before: { state: stateOf(current) }, after: { state: stateOf(user) } };
      const event = { userId: current.id, ...decision, ...changes };
      return service.outbox.add(tx, auth.events.userClosed, event);
    });
  });
};
