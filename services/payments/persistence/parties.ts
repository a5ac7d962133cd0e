import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Party } from '../../../shared/contracts/payments.ts';
import type { Role, UserStatus } from '../../../shared/contracts/roles.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import { isUniqueViolation, type Queryable } from '../../../broker/postgres/database.ts';

/** A person as this service knows one. */
export type KnownParty = Party & { role: Role; status: UserStatus; version: number };

/** Keeps a party as auth told of it; an older version than the known one changes nothing. */
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
 * Keeps a party of whom an event may be telling at this moment. PostgreSQL then may find the other row by its
 * e-mail address before it finds it by its id; once it is committed it is found by its id.
 * @throws AppError `unavailable` where the address is still another party's, whose own news is on its way
 */
export const rememberParty = async (db: Queryable, party: KnownParty): Promise<void> => {
  const isTaken = (error: unknown) => isUniqueViolation(error, 'parties_email');
  try {
    await saveParty(db, party);
  } catch (error) {
    if (!isTaken(error)) throw error;
    await saveParty(db, party).catch((again: unknown) => {
      throw isTaken(again) ? new AppError('unavailable', { retryAfterS: 1 }, { cause: again }) : again;
    });
  }
};

/** A part of a text as a LIKE pattern that matches it literally. */
export const containing = (text: string): string => `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;

const MAX_PAYEES = 10;

/** Active vendors whose name or e-mail holds the text, without the one who asks. */
export const searchPayees = (db: Queryable, text: string, exceptId: UserId): Promise<Party[]> =>
  db.query<Party>(
    `select id, name, email from parties
     where lower(name || ' ' || email) like $1 and role = 'VENDOR' and status = 'active' and id <> $2
     order by name, id limit ${MAX_PAYEES}`,
    [containing(text), exceptId],
  );

/** Ids of at most `limit` parties whose name or e-mail holds the text. */
export const searchPartyIds = async (db: Queryable, text: string, limit: number): Promise<UserId[]> => {
  const rows = await db.query<{ id: UserId }>(
    `select id from parties where lower(name || ' ' || email) like $1 limit ${limit}`,
    [containing(text)],
  );
  return rows.map((row) => row.id);
};
