import { AppError } from '../../../../broker/calls/errors.ts';
import { decide } from '../../accounts/admin-decision.ts';
import { mustWait } from '../../accounts/approvals.ts';
import { askedInvitation } from '../../accounts/asked-acts.ts';
import { emailTaken, newUser, orEmailTaken } from '../../accounts/create-account.ts';
import { storeInvitation } from '../../accounts/invitation.ts';
import { deliverLink, unknownPassword } from '../../accounts/password-link.ts';
import { managedUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { findUserByEmail } from '../../persistence/accounts/users.ts';

export const inviteUser: AuthAction<'inviteUser'> = async (service, call) => {
  const { reason: _reason, ...account } = call.params;
  const user = await newUser(service, { ...account, password: unknownPassword() }, 'invited');
  const issued = await orEmailTaken(() =>
    decide(service, call, { about: null, takesRights: false }, async (tx, decision) => {
      if (await findUserByEmail(tx, account.email)) throw emailTaken();
      if (await mustWait(service, tx, askedInvitation(account), decision)) return null;
      return storeInvitation(service, tx, user, decision);
    }),
  );
  if (!issued) throw new AppError('approval_needed');
  return { user: managedUser(user, null), ...(await deliverLink(service, user, 'invitation', issued)) };
};
