import type { Caller } from '../../../broker/caller.ts';
import { AppError } from '../../../broker/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import {
  REVOKED_HINT,
  type RevocationList,
  type SessionEndReason,
} from '../../../shared/contracts/auth-fields.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { insertFacts } from '../persistence/facts.ts';
import { deleteRefreshTokens } from '../persistence/refresh-tokens.ts';
import { endSession, endSessions, lockLiveSessions, type EndedSession } from '../persistence/sessions.ts';
import type { AuthRoom } from '../room.ts';

/** What belongs to the end of sessions in its transaction: their tokens go, a fact for each is written. */
const recordEnd = async (
  room: AuthRoom,
  tx: Transaction,
  ended: readonly EndedSession[],
  { reason, at }: { reason: SessionEndReason; at: Date },
): Promise<void> => {
  if (ended.length === 0) return;
  await deleteRefreshTokens(
    tx,
    ended.map(({ sessionId }) => sessionId),
  );
  const time = at.toISOString();
  await insertFacts(
    tx,
    ended.map((session) => room.outbox.row(auth.facts.sessionEnded, { ...session, reason, at: time })),
  );
  tx.afterCommit(() => room.outbox.wake());
};

/** Ends one live session of a user, with its tokens and its fact; null when there is none. */
export const endOne = async (
  room: AuthRoom,
  tx: Transaction,
  { sessionId, userId }: EndedSession,
  reason: SessionEndReason,
): Promise<EndedSession | null> => {
  const at = room.clock.now();
  const ended = await endSession(tx, { sessionId, userId }, reason, at);
  if (ended) await recordEnd(room, tx, [ended], { reason, at });
  return ended;
};

/** Ends every live session of a user. */
export const endAll = async (
  room: AuthRoom,
  tx: Transaction,
  userId: UserId,
  reason: SessionEndReason,
): Promise<EndedSession[]> => {
  const at = room.clock.now();
  const ended = await endSessions(tx, await lockLiveSessions(tx, userId, at), reason, at);
  await recordEnd(room, tx, ended, { reason, at });
  return ended;
};

/**
 * Ends every live session of a user but the one that asks, which has to be live itself: of two that end each
 * other at once, one stays.
 */
export const endOthers = async (
  room: AuthRoom,
  tx: Transaction,
  { userId, sessionId }: Caller,
  reason: SessionEndReason,
): Promise<EndedSession[]> => {
  const at = room.clock.now();
  const live = await lockLiveSessions(tx, userId, at);
  if (!live.includes(sessionId)) throw new AppError('session_ended');
  const others = live.filter((id) => id !== sessionId);
  const ended = await endSessions(tx, others, reason, at);
  await recordEnd(room, tx, ended, { reason, at });
  return ended;
};

/**
 * Tells every process after the commit, so that no access token of these sessions, and none that says the
 * rights of before, opens anything from now on.
 */
export const announceRevoked = async (room: AuthRoom, revoked: Partial<RevocationList>): Promise<void> => {
  const { sessionIds = [], outdated = [] } = revoked;
  if (sessionIds.length + outdated.length === 0) return;
  try {
    await room.announce(REVOKED_HINT, { sessionIds, outdated } satisfies RevocationList);
  } catch (error) {
    // It is revoked all the same, and the facts will tell of it.
    room.log.warn({ err: error }, 'what was revoked could not be announced');
  }
};

/** `announceRevoked` for sessions that have ended. */
export const announceEnded = (
  room: AuthRoom,
  ended: readonly Pick<EndedSession, 'sessionId'>[],
): Promise<void> => announceRevoked(room, { sessionIds: ended.map(({ sessionId }) => sessionId) });
