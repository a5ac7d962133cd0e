import { AppError } from '../../../broker/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import { judgeRefresh } from '../domain/session.ts';
import {
  lockRefreshToken,
  sweepRefreshTokens,
  useRefreshToken,
  type RefreshTokenRow,
} from '../persistence/refresh-tokens.ts';
import { endSession, type EndedSession } from '../persistence/sessions.ts';
import { findUserById, type UserRow } from '../persistence/users.ts';
import type { AuthRoom } from '../room.ts';
import { announceEnd, recordEnd } from './end-sessions.ts';
import { hashOf, newSuccessorSeed, successorOf } from './refresh-token.ts';
import type { SignedIn } from './sign-in.ts';
import { storeRefreshToken, tokensFor } from './start-session.ts';

type Outcome =
  | { verdict: 'refreshed'; user: UserRow; sessionId: SessionId; refreshToken: string }
  | { verdict: 'refused' }
  | { verdict: 'reused'; ended: EndedSession };

const rotate = async (
  tx: Transaction,
  token: string,
  { sessionId }: RefreshTokenRow,
  at: Date,
): Promise<string> => {
  const successorSeed = newSuccessorSeed();
  const successor = successorOf(token, successorSeed);
  await useRefreshToken(tx, { hash: hashOf(token), sessionId, successorSeed, at });
  await storeRefreshToken(tx, sessionId, successor, at);
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

const exchange = async (room: AuthRoom, tx: Transaction, token: string): Promise<Outcome> => {
  const row = await lockRefreshToken(tx, hashOf(token));
  const now = room.clock.now();
  const verdict = judgeRefresh(row && { ...row, successorUnused: row.successorSeed !== null }, now);
  if (!row || verdict === 'refused') return { verdict: 'refused' };
  const { userId, sessionId, successorSeed } = row;
  if (verdict === 'rotate') return refreshed(tx, userId, sessionId, await rotate(tx, token, row, now));
  if (verdict === 'repeat' && successorSeed) {
    return refreshed(tx, userId, sessionId, successorOf(token, successorSeed));
  }
  const ended = await endSession(tx, sessionId, 'refresh_reused', now);
  if (!ended) return { verdict: 'refused' };
  await recordEnd(room, tx, [ended], 'refresh_reused', now);
  return { verdict: 'reused', ended };
};

/** Exchanges a refresh token for a new pair; one that was used before ends its session. */
export const exchangeRefreshToken = async (room: AuthRoom, token: string): Promise<SignedIn> => {
  const outcome = await room.db.transaction((tx) => exchange(room, tx, token));
  if (outcome.verdict === 'refused') throw new AppError('session_ended');
  if (outcome.verdict === 'reused') {
    room.log.warn(outcome.ended, 'a refresh token was used twice; its session has been ended');
    await announceEnd(room, [outcome.ended]);
    throw new AppError('refresh_reused');
  }
  return { user: outcome.user, tokens: await tokensFor(room, outcome.user, outcome) };
};
