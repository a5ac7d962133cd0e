import type { Caller } from '../../../broker/calls/envelope.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { RevocationList, SessionEndReason } from '../../../shared/contracts/auth/sessions.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { countRevocations } from '../metrics.ts';
import { deleteRefreshTokens } from '../persistence/sessions/refresh-tokens.ts';
import { insertSessionEvents } from '../persistence/sessions/session-events.ts';
import {
  endSession,
  endSessions,
  lockLiveSessions,
  type EndedSession,
} from '../persistence/sessions/sessions.ts';

export type RevokeService = Pick<Service, 'clock' | 'outbox'>;
export type SignalService = Pick<Service, 'sendSignal' | 'clock' | 'log'>;

/** Deletes the tokens of ended sessions and writes an event for each, in the transaction that ended them. */
const recordEnd = async (
  { outbox }: RevokeService,
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
  const rows = ended.map((session) => outbox.row(auth.events.sessionEnded, { ...session, reason, at: time }));
  await insertSessionEvents(tx, rows);
  tx.afterCommit(() => outbox.wake(...rows));
};

/** Ends one live session of a user, with its tokens and its event; null when it is not live. */
export const endOne = async (
  service: RevokeService,
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
  service: RevokeService,
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
 * Ends every live session of a user except the caller's. The caller's session has to be live: of two sessions
 * that end each other at the same time, one stays.
 * @throws AppError `session_ended`
 */
export const endOthers = async (
  service: RevokeService,
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
 * Signals a revocation to every process. It has to be called after the commit. From then on no access token
 * of these sessions is accepted, none that carries an old role, and none that was signed with these keys.
 */
export const signalRevoked = async (
  { sendSignal, clock, log }: SignalService,
  { sessionIds = [], staleVersions = [], keyIds = [] }: Partial<RevocationList>,
): Promise<void> => {
  if (sessionIds.length + staleVersions.length + keyIds.length === 0) return;
  countRevocations('sessions', sessionIds.length);
  countRevocations('rights', staleVersions.length);
  countRevocations('keys', keyIds.length);
  try {
    await sendSignal(auth.signals.revoked, {
      ...{ sessionIds, staleVersions, keyIds },
      at: clock.now().toISOString(),
    });
  } catch (error) {
    // The revocation is committed, and its events reach the other processes later.
    log.warn({ err: error }, 'revocation signal was not sent');
  }
};

/** `signalRevoked` for ended sessions. */
export const signalEnded = (
  service: SignalService,
  ended: readonly Pick<EndedSession, 'sessionId'>[],
): Promise<void> => signalRevoked(service, { sessionIds: ended.map(({ sessionId }) => sessionId) });
