import { domainToUnicode } from 'node:url';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Role, UserStatus } from '../../../shared/contracts/roles.ts';

/** This service's copy of a user of auth. */
export type Person = {
  id: UserId;
  email: string;
  name: string;
  role: Role;
  status: UserStatus;
  version: number;
};

/** What a search for a person compares: a domain is found in both of its forms. */
export const searchedText = ({ name, email }: Pick<Person, 'name' | 'email'>): string => {
  const [local, domain = ''] = email.split('@');
  return domain.includes('xn--')
    ? `${name} ${email} ${local}@${domainToUnicode(domain)}`
    : `${name} ${email}`;
};

/**
 * Saves a person unless the stored version is newer or the same.
 * @returns the state until now without its version; null when there was none, or nothing was saved
 */
export const replacePerson = async (
  db: Queryable,
  person: Person,
): Promise<Omit<Person, 'version'> | null> => {
  const [row] = await db.query<Omit<Person, 'version'>>(
    `with former as (
       select id, email, name, role, status from people where id = $1 and version < $6 for update
     ), saved as (
       insert into people (id, email, name, role, status, version, searched)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (id) do update set email = excluded.email, name = excluded.name, role = excluded.role,
         status = excluded.status, version = excluded.version, searched = excluded.searched
       where people.version < excluded.version
     )
     select * from former`,
    [person.id, person.email, person.name, person.role, person.status, person.version, searchedText(person)],
  );
  return row ?? null;
};

export const readPeople = async (db: Queryable, ids: readonly UserId[]): Promise<Map<string, Person>> => {
  if (ids.length === 0) return new Map();
  const rows = await db.query<Person>(
    'select id, email, name, role, status, version from people where id = any($1)',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
};

/** The pattern that a folded text is like when it contains this one. */
export const patternOf = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;

/** Ids of at most `limit` people whose name or e-mail address contains the text. */
export const searchPeople = async (db: Queryable, text: string, limit: number): Promise<UserId[]> => {
  const rows = await db.query<{ id: UserId }>(
    'select id from people where fold_case(searched) like fold_case($1) limit $2',
    [patternOf(text), limit],
  );
  return rows.map(({ id }) => id);
};
