import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Party } from '../../../shared/contracts/payments.ts';
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

/** A part of a text as a LIKE pattern that matches it literally. */
export const containing = (text: string): string => `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;

const MAX_PAYEES = 10;

/** Active vendors whose name or e-mail contains the text, without the caller. */
export const searchPayees = (db: Queryable, text: string, exceptId: UserId): Promise<Party[]> =>
  db.query<Party>(
    `select id, name, email from parties
     where lower(name || ' ' || email) like $1 and role = 'VENDOR' and status = 'active' and id <> $2
     order by name, id limit ${MAX_PAYEES}`,
    [containing(text), exceptId],
  );

/** Ids of at most `limit` parties whose name or e-mail contains the text. */
export const searchPartyIds = async (db: Queryable, text: string, limit: number): Promise<UserId[]> => {
  const rows = await db.query<{ id: UserId }>(
    `select id from parties where lower(name || ' ' || email) like $1 limit ${limit}`,
    [containing(text)],
  );
  return rows.map((row) => row.id);
};
