import { newId } from '../../../broker/ids.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { ACCESS_TOKEN, REFRESH_TOKEN_LIFETIME_S, type Tokens } from '../../../shared/contracts/auth-fields.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import { insertRefreshToken } from '../persistence/refresh-tokens.ts';
import { insertSession } from '../persistence/sessions.ts';
import type { UserRow } from '../persistence/users.ts';
import type { AuthRoom } from '../room.ts';
import { hashOf, newRefreshToken } from './refresh-token.ts';

export type StartedSession = { sessionId: SessionId; refreshToken: string };

/** Stores a token of a session; what leaves the room is the token, what stays is its hash. */
export const storeRefreshToken = (
  tx: Transaction,
  sessionId: SessionId,
  refreshToken: string,
  issuedAt: Date,
): Promise<void> => {
  const expiresAt = new Date(issuedAt.getTime() + REFRESH_TOKEN_LIFETIME_S * 1000);
  return insertRefreshToken(tx, { hash: hashOf(refreshToken), sessionId, issuedAt, expiresAt });
};

export const startSession = async (
  room: AuthRoom,
  tx: Transaction,
  userId: UserId,
): Promise<StartedSession> => {
  const startedAt = room.clock.now();
  const sessionId = newId('session', startedAt.getTime());
  const refreshToken = newRefreshToken();
  await insertSession(tx, { id: sessionId, userId, startedAt });
  await storeRefreshToken(tx, sessionId, refreshToken, startedAt);
  await room.outbox.add(tx, auth.facts.sessionStarted, { sessionId, userId, at: startedAt.toISOString() });
  return { sessionId, refreshToken };
};

/** The pair of tokens for a session whose refresh token is stored. */
export const tokensFor = async (
  room: AuthRoom,
  user: Pick<UserRow, 'id' | 'role'>,
  { sessionId, refreshToken }: StartedSession,
): Promise<Tokens> => ({
  accessToken: await room.state.signer.accessToken({ userId: user.id, sessionId, role: user.role }),
  refreshToken,
  expiresInS: ACCESS_TOKEN.lifetimeS,
});
