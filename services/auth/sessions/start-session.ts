import { newId } from '../../../broker/process/ids.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import {
  ACCESS_TOKEN,
  REFRESH_TOKEN_LIFETIME_S,
  type SignInMethod,
  type Tokens,
} from '../../../shared/contracts/auth/fields.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import { insertRefreshToken } from '../persistence/sessions/refresh-tokens.ts';
import { insertSession, type SessionOrigin } from '../persistence/sessions/sessions.ts';
import type { UserRow } from '../persistence/accounts/users.ts';
import type { AuthService } from '../auth.ts';
import { hashOf, newRefreshToken } from './refresh-token.ts';

export type StartedSession = { sessionId: SessionId; refreshToken: string };
export type Opening = {
  userId: UserId;
  place: SessionOrigin;
  method: SignInMethod;
  /** The browser had signed in to this account before. */
  knownDevice: boolean;
};

/** Until when a refresh token that is issued at this time can be used, and its session with it. */
export const refreshExpiry = (issuedAt: Date): Date =>
  new Date(issuedAt.getTime() + REFRESH_TOKEN_LIFETIME_S * 1000);

/** Stores a token of a session; what leaves the service is the token, what stays is its hash. */
export const storeRefreshToken = (
  tx: Transaction,
  sessionId: SessionId,
  refreshToken: string,
  issuedAt: Date,
): Promise<void> =>
  insertRefreshToken(tx, {
    hash: hashOf(refreshToken),
    sessionId,
    issuedAt,
    expiresAt: refreshExpiry(issuedAt),
  });

export const startSession = async (
  service: AuthService,
  tx: Transaction,
  { userId, place, method, knownDevice }: Opening,
): Promise<StartedSession> => {
  const startedAt = service.clock.now();
  const sessionId = newId('session', startedAt.getTime());
  const refreshToken = newRefreshToken();
  const expiresAt = refreshExpiry(startedAt);
  await insertSession(tx, { id: sessionId, userId, startedAt, expiresAt, method, ...place });
  await storeRefreshToken(tx, sessionId, refreshToken, startedAt);
  const at = startedAt.toISOString();
  const started = { sessionId, userId, ...place, method, knownDevice, at };
  await service.outbox.add(tx, auth.events.sessionStarted, started);
  return { sessionId, refreshToken };
};

/** The pair of tokens for a session whose refresh token is stored. */
export const tokensFor = async (
  service: AuthService,
  { id, role, accessVersion }: Pick<UserRow, 'id' | 'role' | 'accessVersion'>,
  { sessionId, refreshToken }: StartedSession,
): Promise<Tokens> => ({
  accessToken: await service.state.signer.accessToken({ userId: id, sessionId, role, accessVersion }),
  refreshToken,
  expiresInS: ACCESS_TOKEN.lifetimeS,
});
