import type { Queryable } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Role, UserStatus } from '../../../shared/contracts/roles.ts';

/** This service's replica of a user of auth. */
export type UserReplica = { id: UserId; name: string; role: Role; status: UserStatus; version: number };

/** Saves a user unless the stored version is newer or the same. */
export const saveUser = async (db: Queryable, user: UserReplica): Promise<void> => {
  await db.query(
    `insert into people (id, name, role, status, version) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set name = excluded.name, role = excluded.role, status = excluded.status,
       version = excluded.version
     where people.version < excluded.version`,
    [user.id, user.name, user.role, user.status, user.version],
  );
};

export const readNames = async (db: Queryable, ids: readonly UserId[]): Promise<Map<UserId, string>> => {
  const rows = await db.query<{ id: UserId; name: string }>(
    'select id, name from people where id = any($1)',
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
};

/** The active administrators. */
export const readAdmins = async (db: Queryable): Promise<UserId[]> => {
  const rows = await db.query<{ id: UserId }>(
    "select id from people where role = 'ADMIN' and status = 'active' order by id",
  );
  return rows.map(({ id }) => id);
};
