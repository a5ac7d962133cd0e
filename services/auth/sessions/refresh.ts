import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import { judgeRefresh } from '../domain/sessions/refresh.ts';
import { findUserById, type UserRow } from '../persistence/accounts/users.ts';
import {
  deleteExpiredRefreshTokens,
  lockRefreshToken,
  markRefreshTokenUsed,
  type RefreshTokenRow,
} from '../persistence/sessions/refresh-tokens.ts';
import { touchSession, type EndedSession, type SessionOrigin } from '../persistence/sessions/sessions.ts';
import { hashOf, newSuccessorSeed, successorOf } from './refresh-token.ts';
import { endOne, signalEnded, type RevokeService, type SignalService } from './revoke-session.ts';
import { originOf, type Source } from './session-origin.ts';
import type { SignedIn } from './sign-in.ts';
import { refreshExpiry, storeRefreshToken, tokensFor, type TokenService } from './start-session.ts';

type RefreshService = Pick<Service, 'db'> & RevokeService & SignalService & TokenService;

type Outcome =
  | { verdict: 'refreshed'; user: UserRow; sessionId: SessionId; refreshToken: string }
  | { verdict: 'refused' }
  | { verdict: 'reused'; ended: EndedSession };

const rotate = async (
  tx: Transaction,
  token: string,
  { sessionId }: RefreshTokenRow,
  { at, origin }: { at: Date; origin: SessionOrigin },
): Promise<string> => {
  const successorSeed = newSuccessorSeed();
  const successor = successorOf(token, successorSeed);
  await markRefreshTokenUsed(tx, { hash: hashOf(token), sessionId, successorSeed, at });
  await storeRefreshToken(tx, sessionId, successor, at);
  await touchSession(tx, sessionId, { ...origin, at, expiresAt: refreshExpiry(at) });
  await deleteExpiredRefreshTokens(tx, sessionId, at);
  return successor;
};

const refreshed = async (
  tx: Transaction,
  userId: UserId,
  sessionId: SessionId,
  refreshToken: string,
): Promise<Outcome> => {
  const user = await findUserById(tx, userId);
  return user ? { verdict: 'refreshed', user, sessionId, refreshToken } : { verdict: 'refused' };
};

const exchange = async (
  service: RefreshService,
  tx: Transaction,
  token: string,
  origin: SessionOrigin,
): Promise<Outcome> => {
  const row = await lockRefreshToken(tx, hashOf(token));
  const now = service.clock.now();
  const verdict = judgeRefresh(row && { ...row, successorUnused: row.successorSeed !== null }, now);
  if (!row || verdict === 'refused') return { verdict: 'refused' };
  const { userId, sessionId, successorSeed } = row;
  if (verdict === 'rotate') {
    return refreshed(tx, userId, sessionId, await rotate(tx, token, row, { at: now, origin }));
  }
  if (verdict === 'repeat' && successorSeed) {
    return refreshed(tx, userId, sessionId, successorOf(token, successorSeed));
  }
  const ended = await endOne(service, tx, { sessionId, userId }, 'refresh_reused');
  return ended ? { verdict: 'reused', ended } : { verdict: 'refused' };
};

/**
 * Exchanges a refresh token for a new pair of tokens. The reuse of a rotated token ends its session.
 * @throws AppError `session_ended`, `refresh_reused`
 */
export const exchangeRefreshToken = async (
  service: RefreshService,
  token: string,
  source: Source,
): Promise<SignedIn> => {
  const origin = originOf(source);
  const outcome = await service.db.transaction((tx) => exchange(service, tx, token, origin));
  if (outcome.verdict === 'refused') throw new AppError('session_ended');
  if (outcome.verdict === 'reused') {
    service.log.warn(outcome.ended, 'refresh token reuse detected; the session was ended');
    await signalEnded(service, [outcome.ended]);
    throw new AppError('refresh_reused');
  }
  return { user: outcome.user, tokens: await tokensFor(service, outcome.user, outcome) };
};
