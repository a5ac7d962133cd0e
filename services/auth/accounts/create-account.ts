import { AppError } from '../../../broker/calls/errors.ts';
import { isUniqueViolation, type Transaction } from '../../../broker/postgres/database.ts';
import { newId } from '../../../broker/process/ids.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { ERRORS } from '../../../shared/contracts/errors.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { publicStatus, type PasswordState } from '../domain/accounts/user-state.ts';
import { isPossibleDomain } from './email-domain.ts';
import { EMAIL_CONSTRAINT, insertUser, type UserRow } from '../persistence/accounts/users.ts';
import type { PasswordHashing } from './password-hashing.ts';
import type { Poc2Hashes } from './poc2-hashes.ts';

type NewAccount = { email: string; password: string; name: string; role: Role };
type AccountService = Pick<Service, 'db' | 'clock' | 'outbox'> & {
  state: { hashPassword: PasswordHashing['hash']; poc2Hashes: Poc2Hashes };
};

/** Writes the event `userChanged`. Every change of a user needs it in its transaction. */
export const recordUserChange = (
  { outbox }: Pick<Service, 'outbox'>,
  tx: Transaction,
  user: UserRow,
): Promise<void> => {
  const { id, email, name, role, version } = user;
  const status = publicStatus(user);
  return outbox.add(tx, auth.events.userChanged, { id, email, name, role, status, version });
};

/** @throws AppError `invalid_params` for an address whose domain cannot exist */
export const checkDomain = (email: string): void => {
  if (isPossibleDomain(email)) return;
  const errors = [{ path: 'email', message: 'must have a domain that can exist' }];
  throw new AppError('invalid_params', { errors });
};

export const emailTaken = (): AppError =>
  new AppError('email_taken', {
    errors: [{ path: 'email', message: ERRORS.email_taken[1], code: 'email_taken' }],
  });

/** Runs what stores an e-mail address. @throws AppError `email_taken` */
export const orEmailTaken = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw isUniqueViolation(error, EMAIL_CONSTRAINT) ? emailTaken() : error;
  }
};

/**
 * A user with a new id, before it is stored.
 * @throws AppError `invalid_params` for an address whose domain cannot exist
 */
export const newUser = async (
  service: Pick<AccountService, 'clock' | 'state'>,
  { password, ...account }: NewAccount,
  passwordState: PasswordState = 'set',
): Promise<UserRow> => {
  checkDomain(account.email);
  const passwordHash = await service.state.hashPassword(password);
  const createdAt = service.clock.now();
  const id = newId('user', createdAt.getTime());
  const initial = { status: 'active', version: 1, accessVersion: 1 } as const;
  return { ...account, id, passwordHash, passwordState, ...initial, createdAt };
};

/** Stores a new user, with its event. */
export const storeUser = async (
  service: Pick<Service, 'outbox'>,
  tx: Transaction,
  user: UserRow,
): Promise<void> => {
  await insertUser(tx, user);
  await recordUserChange(service, tx, user);
};

/**
 * Creates a user and runs `onCreated` in the same transaction.
 * @returns the user, and the result of `onCreated`
 * @throws AppError `email_taken`, or `invalid_params` for an address whose domain cannot exist
 */
export const createAccount = async <T>(
  service: AccountService,
  account: NewAccount,
  onCreated: (tx: Transaction, user: UserRow) => Promise<T>,
): Promise<{ user: UserRow; result: T }> => {
  const user = await newUser(service, account);
  const keepForPoc2 = await service.state.poc2Hashes.prepare(account.password);
  return orEmailTaken(() =>
    service.db.transaction(async (tx) => {
      await storeUser(service, tx, user);
      await keepForPoc2(tx, user.id);
      return { user, result: await onCreated(tx, user) };
    }),
  );
};
