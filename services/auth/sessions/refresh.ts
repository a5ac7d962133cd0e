import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import { judgeRefresh } from '../domain/sessions/session.ts';
import {
  lockRefreshToken,
  sweepRefreshTokens,
  useRefreshToken,
  type RefreshTokenRow,
} from '../persistence/sessions/refresh-tokens.ts';
import { seeSession, type EndedSession, type SessionOrigin } from '../persistence/sessions/sessions.ts';
import { findUserById, type UserRow } from '../persistence/accounts/users.ts';
import type { AuthService } from '../auth.ts';
import { signalEnded, endOne } from './revoke-session.ts';
import { placeOf, type Source } from './session-origin.ts';
import { hashOf, newSuccessorSeed, successorOf } from './refresh-token.ts';
import type { SignedIn } from './sign-in.ts';
import { refreshExpiry, storeRefreshToken, tokensFor } from './start-session.ts';

type Outcome =
  | { verdict: 'refreshed'; user: UserRow; sessionId: SessionId; refreshToken: string }
  | { verdict: 'refused' }
  | { verdict: 'reused'; ended: EndedSession };

const rotate = async (
  tx: Transaction,
  token: string,
  { sessionId }: RefreshTokenRow,
  { at, place }: { at: Date; place: SessionOrigin },
): Promise<string> => {
  const successorSeed = newSuccessorSeed();
  const successor = successorOf(token, successorSeed);
  await useRefreshToken(tx, { hash: hashOf(token), sessionId, successorSeed, at });
  await storeRefreshToken(tx, sessionId, successor, at);
  await seeSession(tx, sessionId, { ...place, at, expiresAt: refreshExpiry(at) });
  await sweepRefreshTokens(tx, sessionId, at);
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
  service: AuthService,
  tx: Transaction,
  token: string,
  place: SessionOrigin,
): Promise<Outcome> => {
  const row = await lockRefreshToken(tx, hashOf(token));
  const now = service.clock.now();
  const verdict = judgeRefresh(row && { ...row, successorUnused: row.successorSeed !== null }, now);
  if (!row || verdict === 'refused') return { verdict: 'refused' };
  const { userId, sessionId, successorSeed } = row;
  if (verdict === 'rotate') {
    return refreshed(tx, userId, sessionId, await rotate(tx, token, row, { at: now, place }));
  }
  if (verdict === 'repeat' && successorSeed) {
    return refreshed(tx, userId, sessionId, successorOf(token, successorSeed));
  }
  const ended = await endOne(service, tx, { sessionId, userId }, 'refresh_reused');
  return ended ? { verdict: 'reused', ended } : { verdict: 'refused' };
};

/** Exchanges a refresh token for a new pair; one that was used before ends its session. */
export const exchangeRefreshToken = async (
  service: AuthService,
  token: string,
  source: Source,
): Promise<SignedIn> => {
  const place = placeOf(source);
  const outcome = await service.db.transaction((tx) => exchange(service, tx, token, place));
  if (outcome.verdict === 'refused') throw new AppError('session_ended');
  if (outcome.verdict === 'reused') {
    service.log.warn(outcome.ended, 'a refresh token was used twice; its session has been ended');
    await signalEnded(service, [outcome.ended]);
    throw new AppError('refresh_reused');
  }
  return { user: outcome.user, tokens: await tokensFor(service, outcome.user, outcome) };
};
