import { AppError } from '../../../../broker/calls/errors.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { decideAbout } from '../../accounts/admin-decision.ts';
import { deliverLink, issueLink } from '../../accounts/password-link.ts';
import { managedUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';

export const renewInvitation: AuthAction<'renewInvitation'> = async (service, call) => {
  const { user: invited, issued: made } = await decideAbout(
    service,
    call,
    { takesRights: false },
    async (tx, user, decision) => {
      if (user.passwordState !== 'invited') throw new AppError('not_invited');
      const issued = await issueLink(service, tx, { userId: user.id, kind: 'invitation', by: decision.by });
      const { expiresAt } = issued;
      const event = { userId: user.id, ...decision, before: null, after: null, expiresAt };
      await service.outbox.add(tx, auth.events.invitationRenewed, event);
      return { user: managedUser(user, null), issued };
    },
  );
  return { user: invited, ...(await deliverLink(service, invited, 'invitation', made)) };
};
