import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth/signing.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { currentPrivateJwk, type SigningService } from './key-rotation.ts';

/**
 * For at most this time a process continues to sign with a key after a newer key has become the signing key.
 */
const KEY_REREAD_MS = 10_000;

type AccessTokenSubject = { userId: UserId; sessionId: SessionId; role: Role; accessVersion: number };
export type AccessTokenSigner = { sign(subject: AccessTokenSubject): Promise<string> };

const readKey = async (service: SigningService) => {
  const jwk = await currentPrivateJwk(service);
  return { kid: jwk.kid, key: await importJWK(jwk, ACCESS_TOKEN.algorithm), readAtMs: service.clock.nowMs() };
};

/** Signs access tokens with the current signing key. The first key of all is created here. */
export const createAccessTokenSigner = async (service: SigningService): Promise<AccessTokenSigner> => {
  let current = await readKey(service);
  return {
    sign: async ({ userId, sessionId, role, accessVersion }) => {
      if (Math.abs(service.clock.nowMs() - current.readAtMs) > KEY_REREAD_MS)
        current = await readKey(service);
      const nowS = Math.floor(service.clock.nowMs() / 1000);
      return new SignJWT({ sid: sessionId, role, ver: accessVersion })
        .setProtectedHeader({ alg: ACCESS_TOKEN.algorithm, typ: ACCESS_TOKEN.type, kid: current.kid })
        .setSubject(userId)
        .setIssuer(service.config.issuer)
        .setAudience(ACCESS_TOKEN.audience)
        .setJti(randomUUID())
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + ACCESS_TOKEN.lifetimeS)
        .sign(current.key);
    },
  };
};
