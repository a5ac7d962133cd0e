import { AppError } from '../../../broker/calls/errors.ts';
import { newId } from '../../../broker/process/ids.ts';
import { isUniqueViolation, type Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { ERRORS } from '../../../shared/contracts/errors.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { EMAIL_CONSTRAINT, insertUser, type UserRow } from '../persistence/accounts/users.ts';
import type { AuthService } from '../auth.ts';

export type NewAccount = { email: string; password: string; name: string; role: Role };

/** The event that tells the user as it is now; belongs to every change of a user. */
export const recordUserChange = (
  service: AuthService,
  tx: Transaction,
  { id, email, name, role, status, version }: UserRow,
): Promise<void> =>
  service.outbox.add(tx, auth.events.userChanged, { id, email, name, role, status, version });

/** Makes a user, and whatever `also` makes, in one transaction; a known e-mail address is `email_taken`. */
export const createAccount = async <T>(
  service: AuthService,
  { password, ...account }: NewAccount,
  also: (tx: Transaction, user: UserRow) => Promise<T>,
): Promise<{ user: UserRow; made: T }> => {
  const passwordHash = await service.state.passwords.hash(password);
  const createdAt = service.clock.now();
  const id = newId('user', createdAt.getTime());
  const made = { status: 'active', version: 1, accessVersion: 1 } as const;
  const user: UserRow = { ...account, id, passwordHash, ...made, createdAt };
  try {
    return await service.db.transaction(async (tx) => {
      await insertUser(tx, user);
      await recordUserChange(service, tx, user);
      return { user, made: await also(tx, user) };
    });
  } catch (error) {
    if (!isUniqueViolation(error, EMAIL_CONSTRAINT)) throw error;
    const errors = [{ path: 'email', message: ERRORS.email_taken[1], code: 'email_taken' as const }];
    throw new AppError('email_taken', { errors });
  }
};
