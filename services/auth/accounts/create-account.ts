import { AppError } from '../../../broker/calls/errors.ts';
import { isUniqueViolation, type Transaction } from '../../../broker/postgres/database.ts';
import { newId } from '../../../broker/process/ids.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { ERRORS } from '../../../shared/contracts/errors.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { isPossibleDomain } from './email-domain.ts';
import { EMAIL_CONSTRAINT, insertUser, type UserRow } from '../persistence/accounts/users.ts';
import type { PasswordHashing } from './password-hashing.ts';

type NewAccount = { email: string; password: string; name: string; role: Role };
type AccountService = Pick<Service, 'db' | 'clock' | 'outbox'> & {
  state: { hashPassword: PasswordHashing['hash'] };
};

/** Writes the event `userChanged`. Every change of a user needs it in its transaction. */
export const recordUserChange = (
  { outbox }: Pick<Service, 'outbox'>,
  tx: Transaction,
  { id, email, name, role, status, version }: UserRow,
): Promise<void> => outbox.add(tx, auth.events.userChanged, { id, email, name, role, status, version });

/**
 * Creates a user and runs `onCreated` in the same transaction.
 * @returns the user, and the result of `onCreated`
 * @throws AppError `email_taken`, or `invalid_params` for an address whose domain cannot exist
 */
export const createAccount = async <T>(
  service: AccountService,
  { password, ...account }: NewAccount,
  onCreated: (tx: Transaction, user: UserRow) => Promise<T>,
): Promise<{ user: UserRow; result: T }> => {
  if (!isPossibleDomain(account.email)) {
    const errors = [{ path: 'email', message: 'must have a domain that can exist' }];
    throw new AppError('invalid_params', { errors });
  }
  const passwordHash = await service.state.hashPassword(password);
  const createdAt = service.clock.now();
  const id = newId('user', createdAt.getTime());
  const initial = { status: 'active', version: 1, accessVersion: 1 } as const;
  const user: UserRow = { ...account, id, passwordHash, ...initial, createdAt };
  try {
    return await service.db.transaction(async (tx) => {
      await insertUser(tx, user);
      await recordUserChange(service, tx, user);
      return { user, result: await onCreated(tx, user) };
    });
  } catch (error) {
    if (!isUniqueViolation(error, EMAIL_CONSTRAINT)) throw error;
    const errors = [{ path: 'email', message: ERRORS.email_taken[1], code: 'email_taken' as const }];
    throw new AppError('email_taken', { errors });
  }
};
