import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import { judgeRefresh } from '../domain/sessions/refresh.ts';
import { findUserById, type UserRow } from '../persistence/accounts/users.ts';
import {
  lockRefreshToken,
  markRefreshTokenUsed,
  type RefreshTokenRow,
} from '../persistence/sessions/refresh-tokens.ts';
import {
  findTokenFamily,
  touchSession,
  type EndedSession,
  type SessionOrigin,
} from '../persistence/sessions/sessions.ts';
import {
  hashOf,
  isIssuedWith,
  newSuccessorSeed,
  newTokenKey,
  sessionOf,
  successorOf,
} from './refresh-token.ts';
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
  { sessionId, tokenKey: knownKey }: RefreshTokenRow,
  { at, origin }: { at: Date; origin: SessionOrigin },
): Promise<string> => {
  const successorSeed = newSuccessorSeed();
  const tokenKey = knownKey ?? newTokenKey();
  const successor = successorOf({ sessionId, tokenKey }, token, successorSeed);
  await markRefreshTokenUsed(tx, { hash: hashOf(token), sessionId, successorSeed, at });
  await storeRefreshToken(tx, sessionId, successor, at);
  await touchSession(tx, sessionId, { ...origin, at, expiresAt: refreshExpiry(at), tokenKey });
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

/** The session of a token whose row was deleted after its use; null for a token that was never issued. */
const sessionOfUsed = async (tx: Transaction, token: string): Promise<EndedSession | null> => {
  const sessionId = sessionOf(token);
  if (!sessionId) return null;
  const family = await findTokenFamily(tx, sessionId);
  if (!family?.tokenKey || !isIssuedWith(family.tokenKey, token)) return null;
  return { sessionId, userId: family.userId };
};

const endReused = async (
  service: RefreshService,
  tx: Transaction,
  session: EndedSession,
): Promise<Outcome> => {
  const ended = await endOne(service, tx, session, 'refresh_reused');
  return ended ? { verdict: 'reused', ended } : { verdict: 'refused' };
};

const exchange = async (
  service: RefreshService,
  tx: Transaction,
  token: string,
  origin: SessionOrigin,
): Promise<Outcome> => {
  const row = await lockRefreshToken(tx, hashOf(token));
  if (!row) {
    const session = await sessionOfUsed(tx, token);
    return session ? endReused(service, tx, session) : { verdict: 'refused' };
  }
  const now = service.clock.now();
  const verdict = judgeRefresh({ ...row, successorUnused: row.successorSeed !== null }, now);
  if (verdict === 'refused') return { verdict };
  const { userId, sessionId, successorSeed } = row;
  if (verdict === 'rotate') {
    return refreshed(tx, userId, sessionId, await rotate(tx, token, row, { at: now, origin }));
  }
  if (verdict === 'repeat' && successorSeed) {
    return refreshed(tx, userId, sessionId, successorOf(row, token, successorSeed));
  }
  return endReused(service, tx, { sessionId, userId });
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
