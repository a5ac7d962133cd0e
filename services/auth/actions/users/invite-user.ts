import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { decide } from '../../accounts/admin-decision.ts';
import { newUser, orEmailTaken, storeUser } from '../../accounts/create-account.ts';
import { issueLink, unknownPassword } from '../../accounts/password-link.ts';
import { managedUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';

export const inviteUser: AuthAction<'inviteUser'> = async (service, call) => {
  const { reason: _reason, ...account } = call.params;
  const user = await newUser(service, { ...account, password: unknownPassword() }, 'invited');
  const { id, email, name, role } = user;
  const rule = { about: null, takesRights: false };
  const issued = await orEmailTaken(() =>
    decide(service, call, rule, async (tx, decision) => {
      await storeUser(service, tx, user);
      const link = await issueLink(service, tx, id, 'invitation');
      const after = { email, name, role, state: 'invited' as const };
      const { expiresAt } = link;
      const event = { userId: id, ...decision, before: null, after, expiresAt };
      await service.outbox.add(tx, auth.events.userInvited, event);
      return link;
    }),
  );
  return { user: managedUser(user, null), ...issued };
};
