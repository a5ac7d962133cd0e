import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth/signing.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { currentSigningKey, readPrivateJwk, type SigningService } from './key-rotation.ts';

type AccessTokenSubject = { userId: UserId; sessionId: SessionId; role: Role; accessVersion: number };
export type AccessTokenSigner = { sign(subject: AccessTokenSubject): Promise<string> };

type PrivateKey = { kid: string; key: Awaited<ReturnType<typeof importJWK>> };

const readKey = async (service: SigningService, kid: string): Promise<PrivateKey | null> => {
  const jwk = await readPrivateJwk(service, kid);
  return jwk && { kid, key: await importJWK(jwk, ACCESS_TOKEN.algorithm) };
};

/** The current signing key. It is read again if it was revoked between the two reads. */
const readCurrentKey = async (service: SigningService, known: PrivateKey | null): Promise<PrivateKey> => {
  for (;;) {
    const { id } = await currentSigningKey(service);
    const key = known?.kid === id ? known : await readKey(service, id);
    if (key) return key;
  }
};

/**
 * Signs access tokens with the current signing key, which is looked up for each token, so that no process
 * signs with a revoked one. The first key of all is created here.
 */
export const createAccessTokenSigner = async (service: SigningService): Promise<AccessTokenSigner> => {
  let current = await readCurrentKey(service, null);
  return {
    sign: async ({ userId, sessionId, role, accessVersion }) => {
      current = await readCurrentKey(service, current);
      const { kid, key } = current;
      const nowS = Math.floor(service.clock.nowMs() / 1000);
      return new SignJWT({ sid: sessionId, role, ver: accessVersion })
        .setProtectedHeader({ alg: ACCESS_TOKEN.algorithm, typ: ACCESS_TOKEN.type, kid })
        .setSubject(userId)
        .setIssuer(service.config.issuer)
        .setAudience(ACCESS_TOKEN.audience)
        .setJti(randomUUID())
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + ACCESS_TOKEN.lifetimeS)
        .sign(key);
    },
  };
};
