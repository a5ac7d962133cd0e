import { hash } from 'node:crypto';
import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import type { Role } from '../../../shared/contracts/roles.ts';

/** The user and session for which a ticket was issued. */
export type TicketHolder = { userId: UserId; sessionId: SessionId; role: Role };

const hashOf = (ticket: string): string => hash('sha256', ticket, 'base64url');

export const saveTicket = async (
  db: Queryable,
  ticket: string,
  { userId, sessionId, role }: TicketHolder,
  expiresAt: Date,
): Promise<void> => {
  await db.query(
    'insert into tickets (hash, user_id, session_id, role, expires_at) values ($1, $2, $3, $4, $5)',
    [hashOf(ticket), userId, sessionId, role, expiresAt],
  );
};

/** Deletes a ticket, so that it is used once; null when it does not exist or has expired. */
export const takeTicket = async (db: Queryable, ticket: string, now: Date): Promise<TicketHolder | null> => {
  const [row] = await db.query<{ user_id: UserId; session_id: SessionId; role: Role; expires_at: Date }>(
    'delete from tickets where hash = $1 returning user_id, session_id, role, expires_at',
    [hashOf(ticket)],
  );
  if (!row || row.expires_at <= now) return null;
  return { userId: row.user_id, sessionId: row.session_id, role: row.role };
};

/** Deletes a user's tickets, of one session or of all. */
export const deleteTickets = async (
  db: Queryable,
  { userId, sessionId }: { userId: UserId; sessionId?: SessionId },
): Promise<void> => {
  await db.query('delete from tickets where user_id = $1 and ($2::text is null or session_id = $2)', [
    userId,
    sessionId ?? null,
  ]);
};

/** Deletes the tickets of all users. */
export const deleteAllTickets = async (db: Queryable): Promise<void> => {
  await db.query('delete from tickets');
};

/** Deletes at most `limit` tickets that expired before a time; returns how many. */
export const purgeTickets = purgeOf({ table: 'tickets', key: 'hash', age: 'expires_at' });
