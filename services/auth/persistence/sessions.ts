import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';

export type EndReason = 'signed_out' | 'password_changed' | 'refresh_reused';
export type SessionRow = { id: SessionId; userId: UserId; endedAt: Date | null };
export type EndedSession = { sessionId: SessionId; userId: UserId };

export const insertSession = async (
  tx: Transaction,
  session: { id: SessionId; userId: UserId; startedAt: Date },
): Promise<void> => {
  await tx.query('insert into sessions (id, user_id, started_at) values ($1, $2, $3)', [
    session.id,
    session.userId,
    session.startedAt,
  ]);
};

export const isSessionLive = async (db: Queryable, id: SessionId): Promise<boolean> => {
  const rows = await db.query('select 1 from sessions where id = $1 and ended_at is null', [id]);
  return rows.length > 0;
};

/** Ends one session; null when it had ended before. */
export const endSession = async (
  tx: Transaction,
  id: SessionId,
  reason: EndReason,
  at: Date,
): Promise<EndedSession | null> => {
  const [ended] = await tx.query<EndedSession>(
    `update sessions set ended_at = $2, end_reason = $3 where id = $1 and ended_at is null
     returning id as "sessionId", user_id as "userId"`,
    [id, at, reason],
  );
  return ended ?? null;
};

/** Ends every live session of a user but one. */
export const endOtherSessions = (
  tx: Transaction,
  userId: UserId,
  kept: SessionId,
  reason: EndReason,
  at: Date,
): Promise<EndedSession[]> =>
  tx.query<EndedSession>(
    `update sessions set ended_at = $3, end_reason = $4
     where user_id = $1 and id <> $2 and ended_at is null
     returning id as "sessionId", user_id as "userId"`,
    [userId, kept, at, reason],
  );

export const sessionsEndedSince = async (db: Queryable, since: Date): Promise<SessionId[]> => {
  const rows = await db.query<{ id: SessionId }>('select id from sessions where ended_at >= $1', [since]);
  return rows.map((row) => row.id);
};
