import { AppError } from '../../../../broker/calls/errors.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { administer } from '../../accounts/admin-decision.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { deliverLink, issueLink, unknownPassword, type IssuedLink } from '../../accounts/password-link.ts';
import type { AuthAction } from '../../auth.ts';
import { setPasswordHash } from '../../persistence/accounts/edit-user.ts';
import { endAll } from '../../sessions/revoke-session.ts';

export const resetPassword: AuthAction<'resetPassword'> = async (service, call) => {
  const passwordHash = await service.state.hashPassword(unknownPassword());
  let issued: IssuedLink | undefined;
  const user = await administer(service, call, { takesRights: true }, async (tx, current, decision) => {
    const { id, passwordState } = current;
    if (passwordState === 'invited') throw new AppError('invitation_pending');
    const at = new Date(decision.at);
    const changed = await setPasswordHash(tx, { id, passwordHash, passwordState: 'reset', at });
    await service.state.poc2Hashes.discard(tx, id);
    issued = await issueLink(service, tx, { userId: id, kind: 'reset', by: decision.by });
    const changes = {
      before: { needsLink: passwordState !== 'set' },
      after: { needsLink: true },
    };
    const { expiresAt } = issued;
    await service.outbox.add(tx, auth.events.passwordReset, {
      userId: id,
      ...decision,
      ...changes,
      expiresAt,
    });
    await recordUserChange(service, tx, changed);
    return { user: changed, ended: await endAll(service, tx, id, 'password_changed') };
  });
  return { user, ...(await deliverLink(service, user, 'reset', issued as IssuedLink)) };
};
