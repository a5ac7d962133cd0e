import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Role, UserStatus } from '../../../shared/contracts/roles.ts';

export type UserRow = {
  id: UserId;
  email: string;
  name: string;
  role: Role;
  status: UserStatus;
  passwordHash: string;
  version: number;
  createdAt: Date;
};

/** The constraint that keeps an e-mail address to one account. */
export const EMAIL_CONSTRAINT = 'users_email';

const COLUMNS = `id, email, name, role, status, password_hash as "passwordHash", version,
  created_at as "createdAt"`;

export const insertUser = async (tx: Transaction, user: UserRow): Promise<void> => {
  await tx.query(
    `insert into users (id, email, name, role, status, password_hash, version, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
    [user.id, user.email, user.name, user.role, user.status, user.passwordHash, user.version, user.createdAt],
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

/** The user, held as it is until the transaction ends. */
export const holdUser = async (tx: Transaction, id: UserId): Promise<UserRow | null> => {
  const [user] = await tx.query<UserRow>(`select ${COLUMNS} from users where id = $1 for share`, [id]);
  return user ?? null;
};

/** Sets a new password where the current one is still `currentHash`; null where it no longer is. */
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
