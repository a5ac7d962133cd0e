import type { Queryable, Transaction } from '../../../../broker/postgres/database.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';
import type { PasswordState } from '../../domain/accounts/user-state.ts';
import type { Role, UserStatus } from '../../../../shared/contracts/roles.ts';

export type UserRow = {
  id: UserId;
  email: string;
  name: string;
  role: Role;
  status: UserStatus;
  passwordHash: string;
  passwordState: PasswordState;
  version: number;
  /** Grows when the user's rights change; access tokens carry it. */
  accessVersion: number;
  createdAt: Date;
};

/** The unique index on e-mail addresses. */
export const EMAIL_CONSTRAINT = 'users_email';

export const COLUMNS = `id, email, name, role, status, password_hash as "passwordHash",
  password_state as "passwordState", version, access_version as "accessVersion", created_at as "createdAt"`;

export const insertUser = async (tx: Transaction, user: Omit<UserRow, 'accessVersion'>): Promise<void> => {
  const { id, email, name, role, status, passwordHash, passwordState, version, createdAt } = user;
  await tx.query(
    `insert into users (id, email, name, role, status, password_hash, password_state, version, created_at,
       updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
    [id, email, name, role, status, passwordHash, passwordState, version, createdAt],
  );
};

export const findUserById = async (db: Queryable, id: UserId): Promise<UserRow | null> => {
  const [user] = await db.query<UserRow>(`select ${COLUMNS} from users where id = $1`, [id]);
  return user ?? null;
};

export const findUserByEmail = async (db: Queryable, email: string): Promise<UserRow | null> => {
  const [user] = await db.query<UserRow>(`select ${COLUMNS} from users where lower(email) = lower($1)`, [
    email,
  ]);
  return user ?? null;
};

/** The user, locked against changes until the transaction ends; other readers may lock it alike. */
export const lockUserShared = async (tx: Transaction, id: UserId): Promise<UserRow | null> => {
  const [user] = await tx.query<UserRow>(`select ${COLUMNS} from users where id = $1 for share`, [id]);
  return user ?? null;
};

/**
 * Serializes decisions about users until this transaction ends, so that the administrators counted by one
 * decision do not change during it.
 */
export const lockDecisions = async (tx: Transaction): Promise<void> => {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('auth.decisions', 0))`);
};

/** The user, locked for a change until the transaction ends. */
export const lockUser = async (tx: Transaction, id: UserId): Promise<UserRow | null> => {
  const [user] = await tx.query<UserRow>(`select ${COLUMNS} from users where id = $1 for no key update`, [
    id,
  ]);
  return user ?? null;
};

/** The administrators who can sign in; one without a password may never be able to. */
export const activeAdmins = async (tx: Transaction): Promise<UserId[]> => {
  const rows = await tx.query<{ id: UserId }>(
    `select id from users where role = 'ADMIN' and status = 'active' and password_state = 'set'`,
  );
  return rows.map(({ id }) => id);
};

/** Sets the status of a user that this transaction has locked. */
export const setUserStatus = async (
  tx: Transaction,
  { id, status, at }: { id: UserId; status: UserStatus; at: Date },
): Promise<UserRow> => {
  const [user] = await tx.query<UserRow>(
    `update users set status = $2, version = version + 1, updated_at = $3 where id = $1 returning ${COLUMNS}`,
    [id, status, at],
  );
  return user as UserRow;
};

/** Sets the role of a user that this transaction has locked; access tokens issued before become stale. */
export const setUserRole = async (
  tx: Transaction,
  { id, role, at }: { id: UserId; role: Role; at: Date },
): Promise<UserRow> => {
  const [user] = await tx.query<UserRow>(
    `update users set role = $2, version = version + 1, updated_at = $3,
       access_version = access_version + 1, access_changed_at = $3
     where id = $1 returning ${COLUMNS}`,
    [id, role, at],
  );
  return user as UserRow;
};

/** Users whose rights have changed since, each with the current access version. */
export const accessChangedSince = (
  db: Queryable,
  since: Date,
): Promise<{ userId: UserId; version: number }[]> =>
  db.query<{ userId: UserId; version: number }>(
    'select id as "userId", access_version as version from users where access_changed_at >= $1',
    [since],
  );

/**
 * Replaces a hash by another one of the same password, which changes nothing for other services.
 * @returns whether the stored hash was still `currentHash`
 */
export const renewPasswordHash = async (
  db: Queryable,
  { id, currentHash, newHash }: { id: UserId; currentHash: string; newHash: string },
): Promise<boolean> => {
  const renewed = await db.query(
    'update users set password_hash = $3 where id = $1 and password_hash = $2 returning 1',
    [id, currentHash, newHash],
  );
  return renewed.length === 1;
};

/** Sets a new password hash; null when the stored hash is no longer `currentHash`. */
export const replacePasswordHash = async (
  tx: Transaction,
  change: { userId: UserId; currentHash: string; newHash: string; at: Date },
): Promise<UserRow | null> => {
  const [user] = await tx.query<UserRow>(
    `update users set password_hash = $3, version = version + 1, updated_at = $4
     where id = $1 and password_hash = $2 returning ${COLUMNS}`,
    [change.userId, change.currentHash, change.newHash, change.at],
  );
  return user ?? null;
};
