import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { AuthService } from '../auth.ts';
import type { UserRow } from '../persistence/accounts/users.ts';
import type { Decision } from './admin-decision.ts';
import { storeUser } from './create-account.ts';
import { issueLink, type IssuedLink } from './password-link.ts';

/**
 * Stores an invited user, with the one-time link and the events.
 * @param linkTo the administrator who gets the link
 */
export const storeInvitation = async (
  service: Pick<AuthService, 'outbox' | 'clock' | 'config'>,
  tx: Transaction,
  user: UserRow,
  decision: Decision,
  linkTo: UserId = decision.by,
): Promise<IssuedLink> => {
  const { id, email, name, role } = user;
  await storeUser(service, tx, user);
  const link = await issueLink(service, tx, { userId: id, kind: 'invitation', by: linkTo });
  const after = { email, name, role, state: 'invited' as const };
  const { expiresAt } = link;
  const event = { userId: id, ...decision, before: null, after, expiresAt };
  await service.outbox.add(tx, auth.events.userInvited, event);
  return link;
};
