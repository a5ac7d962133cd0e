import { AppError } from '../../../../broker/calls/errors.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { checkLinkUser, hashOfToken, linkKindOf, readLink } from '../../accounts/password-link.ts';
import type { AuthAction } from '../../auth.ts';
import { setPasswordHash } from '../../persistence/accounts/edit-user.ts';
import { deletePasswordLink, findPasswordLink } from '../../persistence/accounts/password-links.ts';
import { lockUser } from '../../persistence/accounts/users.ts';

export const setPassword: AuthAction<'setPassword'> = async (service, call) => {
  const { token, newPassword } = call.params;
  const { user: found } = await readLink(service, token);
  const passwordHash = await service.state.hashPassword(newPassword);
  const keepForPoc2 = await service.state.poc2Hashes.prepare(newPassword);
  await service.db.transaction(async (tx) => {
    const user = checkLinkUser(await lockUser(tx, found.id));
    const now = service.clock.now();
    // Read again: the link may have been used or replaced during the hashing.
    if (!(await findPasswordLink(tx, hashOfToken(token), now))) throw new AppError('link_invalid');
    const { id } = user;
    await deletePasswordLink(tx, id);
    const changed = await setPasswordHash(tx, { id, passwordHash, passwordState: 'set', at: now });
    await keepForPoc2(tx, id);
    const event = { userId: id, at: now.toISOString() };
    const isInvitation = linkKindOf(user) === 'invitation';
    if (isInvitation) await service.outbox.add(tx, auth.events.invitationAccepted, event);
    else await service.outbox.add(tx, auth.events.passwordChanged, event);
    await recordUserChange(service, tx, changed);
  });
  return {};
};
