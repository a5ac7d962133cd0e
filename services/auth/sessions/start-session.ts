import { newId } from '../../../broker/process/ids.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { REFRESH_TOKEN_LIFETIME_S } from '../../../shared/contracts/auth/lifetimes.ts';
import type { SignInMethod, Tokens } from '../../../shared/contracts/auth/sessions.ts';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth/signing.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import type { RegisteredDevice } from '../devices/known-devices.ts';
import type { UserRow } from '../persistence/accounts/users.ts';
import { insertRefreshToken } from '../persistence/sessions/refresh-tokens.ts';
import { insertSession, type SessionOrigin } from '../persistence/sessions/sessions.ts';
import type { TokenSigner } from '../signing/tokens.ts';
import { hashOf, newRefreshToken, newTokenKey } from './refresh-token.ts';

export type StartedSession = { sessionId: SessionId; refreshToken: string };
type NewSession = {
  userId: UserId;
  origin: SessionOrigin;
  method: SignInMethod;
  /** The browser had signed in to this account before. */
  knownDevice: boolean;
  /** The device that signs in, whose name the session gets. */
  device: Pick<RegisteredDevice, 'hash' | 'name'> | null;
};

/** The expiry of a refresh token issued at this time, and of its session. */
export const refreshExpiry = (issuedAt: Date): Date =>
  new Date(issuedAt.getTime() + REFRESH_TOKEN_LIFETIME_S * 1000);

/** Stores the hash of a session's refresh token. */
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
  { clock, outbox }: Pick<Service, 'clock' | 'outbox'>,
  tx: Transaction,
  { userId, origin, method, knownDevice, device }: NewSession,
): Promise<StartedSession> => {
  const startedAt = clock.now();
  const sessionId = newId('session', startedAt.getTime());
  const tokenKey = newTokenKey();
  const refreshToken = newRefreshToken({ sessionId, tokenKey });
  const expiresAt = refreshExpiry(startedAt);
  await insertSession(tx, {
    id: sessionId,
    userId,
    startedAt,
    expiresAt,
    method,
    tokenKey,
    name: device?.name ?? null,
    deviceHash: device?.hash ?? null,
    ...origin,
  });
  await storeRefreshToken(tx, sessionId, refreshToken, startedAt);
  const at = startedAt.toISOString();
  const event = { sessionId, userId, ...origin, method, knownDevice, at };
  await outbox.add(tx, auth.events.sessionStarted, event);
  return { sessionId, refreshToken };
};

export type TokenService = { state: { signer: TokenSigner } };

/** The pair of tokens of a session whose refresh token is stored. */
export const tokensFor = async (
  service: TokenService,
  { id, role, accessVersion }: Pick<UserRow, 'id' | 'role' | 'accessVersion'>,
  { sessionId, refreshToken }: StartedSession,
): Promise<Tokens> => ({
  accessToken: await service.state.signer.signAccess({ userId: id, sessionId, role, accessVersion }),
  refreshToken,
  expiresInS: ACCESS_TOKEN.lifetimeS,
});
