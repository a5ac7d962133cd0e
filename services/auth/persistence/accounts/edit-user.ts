import type { Transaction } from '../../../../broker/postgres/database.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';
import type { PasswordState } from '../../domain/accounts/user-state.ts';
import { COLUMNS, type UserRow } from './users.ts';

/** Sets the name and the e-mail address of a user that this transaction has locked. */
export const setNameAndEmail = async (
  tx: Transaction,
  { id, name, email, at }: { id: UserId; name: string; email: string; at: Date },
): Promise<UserRow> => {
  const [user] = await tx.query<UserRow>(
    `update users set name = $2, email = $3, version = version + 1, updated_at = $4
     where id = $1 returning ${COLUMNS}`,
    [id, name, email, at],
  );
  return user as UserRow;
};

type NewPassword = { id: UserId; passwordHash: string; passwordState: PasswordState; at: Date };

/** Sets the password of a user that this transaction has locked, whatever it was. */
export const setPasswordHash = async (
  tx: Transaction,
  { id, passwordHash, passwordState, at }: NewPassword,
): Promise<UserRow> => {
  const [user] = await tx.query<UserRow>(
    `update users set password_hash = $2, password_state = $3, version = version + 1, updated_at = $4
     where id = $1 returning ${COLUMNS}`,
    [id, passwordHash, passwordState, at],
  );
  return user as UserRow;
};

type Anonymous = { id: UserId; name: string; email: string; passwordHash: string; at: Date };

/** Closes the account of a user that this transaction has locked; nothing that names the user stays. */
export const anonymiseUser = async (
  tx: Transaction,
  { id, name, email, passwordHash, at }: Anonymous,
): Promise<UserRow> => {
  await tx.query(
    `delete from sign_in_failures
     where kind = 'account' and subject = (select lower(email) from users where id = $1)`,
    [id],
  );
  await tx.query(
    `delete from approvals
     where user_id = $1 or lower(email) = (select lower(email) from users where id = $1)`,
    [id],
  );
  await tx.query('delete from known_devices where user_id = $1', [id]);
  await tx.query('delete from password_links where user_id = $1', [id]);
  await tx.query(
    `update sessions set device = 'Unknown device', address = null, name = null, device_hash = null
     where user_id = $1`,
    [id],
  );
  const [user] = await tx.query<UserRow>(
    `update users set name = $2, email = $3, password_hash = $4, password_state = 'set', status = 'deleted',
       version = version + 1, updated_at = $5
     where id = $1 returning ${COLUMNS}`,
    [id, name, email, passwordHash, at],
  );
  return user as UserRow;
};
