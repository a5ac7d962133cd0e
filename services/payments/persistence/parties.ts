import { userId, type UserId } from '../../../shared/contracts/ids.ts';
import type { Party } from '../../../shared/contracts/payments.ts';
import { withPlainSpaces } from '../../../shared/contracts/text.ts';
import type { Role, UserStatus } from '../../../shared/contracts/roles.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import { isUniqueViolation, type Queryable } from '../../../broker/postgres/database.ts';

/** A user as payments stores it. */
export type KnownParty = Party & { role: Role; status: UserStatus; version: number };

/** Stores a party; an older version than the stored one changes nothing. */
export const saveParty = async (db: Queryable, party: KnownParty): Promise<void> => {
  await db.query(
    `insert into parties (id, email, name, role, status, version) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set email = excluded.email, name = excluded.name, role = excluded.role,
       status = excluded.status, version = excluded.version
     where parties.version < excluded.version`,
    [party.id, party.email, party.name, party.role, party.status, party.version],
  );
};

/**
 * Stores a party fetched from auth while an event may store the same party. PostgreSQL may then report the
 * conflict on the e-mail index, which `on conflict (id)` does not catch; after the other commit a second
 * attempt finds the row by its id.
 * @throws AppError `unavailable` if the address still belongs to another party, whose event is on its way
 */
export const saveFetchedParty = async (db: Queryable, party: KnownParty): Promise<void> => {
  const isTaken = (error: unknown) => isUniqueViolation(error, 'parties_email');
  try {
    await saveParty(db, party);
  } catch (error) {
    if (!isTaken(error)) throw error;
    await saveParty(db, party).catch((second: unknown) => {
      throw isTaken(second) ? new AppError('unavailable', {}, { cause: second }) : second;
    });
  }
};

const occursIn = (text: string, values: unknown[]): string =>
  `like fold_case($${values.push(`%${text.replaceAll(/[\\%_]/g, '\\$&')}%`)})`;

/**
 * A condition that the text occurs in a column, in any case. PostgreSQL folds both sides, as the indexes do
 * (migration 0040): the rules of JavaScript differ from those of a database.
 */
export const textContains = (column: string, text: string, values: unknown[]): string =>
  `fold_case(${column}) ${occursIn(text, values)}`;

/**
 * The same for the name and e-mail address of a party; a domain is found in both of its forms, and a name
 * whichever spaces are typed.
 */
export const partyContains = (alias: string, text: string, values: unknown[]): string =>
  `(${[...new Set([text, withPlainSpaces(text)])]
    .map((spelling) => `party_text(${alias}.name, ${alias}.email) ${occursIn(spelling, values)}`)
    .join(' or ')})`;

const MAX_PAYEES = 10;

/** Active vendors whose name or e-mail contains the text, or whose id it is, without the caller. */
export const searchPayees = (db: Queryable, text: string, exceptId: UserId): Promise<Party[]> => {
  const values: unknown[] = [exceptId];
  const isId = userId.safeParse(text).success;
  const fits = isId ? `p.id = $${values.push(text)}` : partyContains('p', text, values);
  return db.query<Party>(
    `select id, name, email from parties p
     where ${fits} and role = 'VENDOR' and status = 'active' and id <> $1
     order by name, id limit ${MAX_PAYEES}`,
    values,
  );
};

/** Ids of at most `limit` parties whose name or e-mail contains the text. */
export const searchPartyIds = async (db: Queryable, text: string, limit: number): Promise<UserId[]> => {
  const values: unknown[] = [];
  const rows = await db.query<{ id: UserId }>(
    `select id from parties p where ${partyContains('p', text, values)} limit ${limit}`,
    values,
  );
  return rows.map((row) => row.id);
};
