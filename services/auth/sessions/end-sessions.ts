import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth, SESSIONS_ENDED_HINT } from '../../../shared/contracts/auth.ts';
import { deleteRefreshTokens } from '../persistence/refresh-tokens.ts';
import type { EndedSession, EndReason } from '../persistence/sessions.ts';
import type { AuthRoom } from '../room.ts';

/** What belongs to the end of sessions in its transaction: their tokens go, a fact for each is written. */
export const recordEnd = async (
  room: AuthRoom,
  tx: Transaction,
  ended: readonly EndedSession[],
  reason: EndReason,
  at: Date,
): Promise<void> => {
  if (ended.length === 0) return;
  await deleteRefreshTokens(
    tx,
    ended.map(({ sessionId }) => sessionId),
  );
  for (const { sessionId, userId } of ended) {
    await room.outbox.add(tx, auth.facts.sessionEnded, { sessionId, userId, reason, at: at.toISOString() });
  }
};

/**
 * Tells every process after the commit, so that no access token of these sessions opens anything from now
 * on.
 */
export const announceEnd = async (
  room: AuthRoom,
  ended: readonly Pick<EndedSession, 'sessionId'>[],
): Promise<void> => {
  if (ended.length === 0) return;
  try {
    await room.announce(SESSIONS_ENDED_HINT, { sessionIds: ended.map(({ sessionId }) => sessionId) });
  } catch (error) {
    // The sessions have ended all the same, and the facts will tell of it.
    room.log.warn({ err: error }, 'ended sessions could not be announced');
  }
};
