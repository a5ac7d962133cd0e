import { hash } from 'node:crypto';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import type { Role } from '../../../shared/contracts/roles.ts';

/** Whom a ticket lets in. */
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

/** Takes a ticket out of the world, so that nobody else can use it; null when it is not one, or too old. */
export const takeTicket = async (db: Queryable, ticket: string, now: Date): Promise<TicketHolder | null> => {
  const [row] = await db.query<{ user_id: UserId; session_id: SessionId; role: Role; expires_at: Date }>(
    'delete from tickets where hash = $1 returning user_id, session_id, role, expires_at',
    [hashOf(ticket)],
  );
  if (!row || row.expires_at <= now) return null;
  return { userId: row.user_id, sessionId: row.session_id, role: row.role };
};

/** Tickets that were issued for a session that has ended, or with a role that no longer holds. */
export const dropTickets = async (
  db: Queryable,
  { userId, sessionId }: { userId: UserId; sessionId?: SessionId },
): Promise<void> => {
  await db.query('delete from tickets where user_id = $1 and ($2::text is null or session_id = $2)', [
    userId,
    sessionId ?? null,
  ]);
};

/** Deletes some tickets that nobody used in time; answers how many. */
export const purgeTickets = async (db: Queryable, before: Date, limit: number): Promise<number> => {
  const gone = await db.query(
    `delete from tickets where hash in (
       select hash from tickets where expires_at < $1 limit $2 for update skip locked
     ) returning 1 as gone`,
    [before, limit],
  );
  return gone.length;
};
