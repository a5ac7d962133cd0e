import { randomBytes } from 'node:crypto';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { AuthService } from '../auth.ts';
import { ANONYMOUS_NAME, anonymousEmail } from '../domain/accounts/anonymous.ts';
import { anonymiseUser } from '../persistence/accounts/edit-user.ts';
import type { UserRow } from '../persistence/accounts/users.ts';
import type { EndedSession } from '../persistence/sessions/sessions.ts';
import { endAll } from '../sessions/revoke-session.ts';
import { recordUserChange } from './create-account.ts';

/**
 * Closes the account of a user that this transaction has locked: all sessions end, and nothing that names the
 * user stays. The caller writes the event that says who did it, and signals the end of the sessions.
 * @param passwordHash of a password that nobody knows
 */
export const closeAccountOf = async (
  service: AuthService,
  tx: Transaction,
  { id }: UserRow,
  { passwordHash, at }: { passwordHash: string; at: Date },
  record: (user: UserRow) => Promise<void>,
): Promise<{ user: UserRow; ended: EndedSession[] }> => {
  const ended = await endAll(service, tx, id, 'revoked');
  const email = anonymousEmail(randomBytes(16).toString('hex'));
  const user = await anonymiseUser(tx, { id, name: ANONYMOUS_NAME, email, passwordHash, at });
  await service.state.poc2Hashes.discard(tx, id);
  // Before the new name: the events before may name the user, the last one need not.
  await record(user);
  await recordUserChange(service, tx, user);
  return { user, ended };
};
