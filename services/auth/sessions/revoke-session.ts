import type { Caller } from '../../../broker/calls/envelope.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import {
  REVOKED_SIGNAL,
  type RevocationList,
  type SessionEndReason,
} from '../../../shared/contracts/auth/fields.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { insertEvents } from '../persistence/events.ts';
import { deleteRefreshTokens } from '../persistence/sessions/refresh-tokens.ts';
import {
  endSession,
  endSessions,
  lockLiveSessions,
  type EndedSession,
} from '../persistence/sessions/sessions.ts';
import type { AuthService } from '../auth.ts';

/** What belongs to the end of sessions in its transaction: their tokens go, an event for each is written. */
const recordEnd = async (
  service: AuthService,
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
  await insertEvents(
    tx,
    ended.map((session) => service.outbox.row(auth.events.sessionEnded, { ...session, reason, at: time })),
  );
  tx.afterCommit(() => service.outbox.wake());
};

/** Ends one live session of a user, with its tokens and its event; null when there is none. */
export const endOne = async (
  service: AuthService,
  tx: Transaction,
  { sessionId, userId }: EndedSession,
  reason: SessionEndReason,
): Promise<EndedSession | null> => {
  const at = service.clock.now();
  const ended = await endSession(tx, { sessionId, userId }, reason, at);
  if (ended) await recordEnd(service, tx, [ended], { reason, at });
  return ended;
};

/** Ends every live session of a user. */
export const endAll = async (
  service: AuthService,
  tx: Transaction,
  userId: UserId,
  reason: SessionEndReason,
): Promise<EndedSession[]> => {
  const at = service.clock.now();
  const ended = await endSessions(tx, await lockLiveSessions(tx, userId, at), reason, at);
  await recordEnd(service, tx, ended, { reason, at });
  return ended;
};

/**
 * Ends every live session of a user but the one that asks, which has to be live itself: of two that end each
 * other at once, one stays.
 */
export const endOthers = async (
  service: AuthService,
  tx: Transaction,
  { userId, sessionId }: Caller,
  reason: SessionEndReason,
): Promise<EndedSession[]> => {
  const at = service.clock.now();
  const live = await lockLiveSessions(tx, userId, at);
  if (!live.includes(sessionId)) throw new AppError('session_ended');
  const others = live.filter((id) => id !== sessionId);
  const ended = await endSessions(tx, others, reason, at);
  await recordEnd(service, tx, ended, { reason, at });
  return ended;
};

/**
 * Tells every process after the commit, so that no access token of these sessions, and none that says the
 * rights of before, opens anything from now on.
 */
export const signalRevoked = async (
  service: AuthService,
  revoked: Partial<RevocationList>,
): Promise<void> => {
  const { sessionIds = [], staleVersions = [] } = revoked;
  if (sessionIds.length + staleVersions.length === 0) return;
  try {
    await service.sendSignal(REVOKED_SIGNAL, { sessionIds, staleVersions } satisfies RevocationList);
  } catch (error) {
    // It is revoked all the same, and the events will tell of it.
    service.log.warn({ err: error }, 'what was revoked could not be announced');
  }
};

/** `signalRevoked` for sessions that have ended. */
export const signalEnded = (
  service: AuthService,
  ended: readonly Pick<EndedSession, 'sessionId'>[],
): Promise<void> => signalRevoked(service, { sessionIds: ended.map(({ sessionId }) => sessionId) });
