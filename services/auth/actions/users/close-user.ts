import { randomBytes } from 'node:crypto';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { administer } from '../../accounts/admin-decision.ts';
import { ANONYMOUS_NAME, anonymousEmail } from '../../domain/accounts/anonymous.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { unknownPassword } from '../../accounts/password-link.ts';
import type { AuthAction } from '../../auth.ts';
import { stateOf } from '../../domain/accounts/user-state.ts';
import { anonymiseUser } from '../../persistence/accounts/edit-user.ts';
import { endAll } from '../../sessions/revoke-session.ts';

export const closeUser: AuthAction<'closeUser'> = async (service, call) => {
  const passwordHash = await service.state.hashPassword(unknownPassword());
  const rule = { takesRights: true, alsoClosed: true };
  return administer(service, call, rule, async (tx, current, decision) => {
    if (current.status === 'deleted') return { user: current };
    const { id } = current;
    const ended = await endAll(service, tx, id, 'revoked');
    const at = new Date(decision.at);
    const user = await anonymiseUser(tx, {
      id,
      name: ANONYMOUS_NAME,
      email: anonymousEmail(randomBytes(16).toString('hex')),
      passwordHash,
      at,
    });
    // Without name and address: the events before may name them, the last one need not.
    const changes = { before: { state: stateOf(current) }, after: { state: stateOf(user) } };
    await service.outbox.add(tx, auth.events.userClosed, { userId: id, ...decision, ...changes });
    await recordUserChange(service, tx, user);
    return { user, ended };
  });
};
