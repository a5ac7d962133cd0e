import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth/fields.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { currentPrivateJwk, type KeyService } from './signing-keys.ts';

/** So long a process may sign on with a key after a newer one has begun to sign. */
const KEY_REREAD_MS = 10_000;

export type AccessTokenSubject = { userId: UserId; sessionId: SessionId; role: Role; accessVersion: number };
export type Signer = { accessToken(subject: AccessTokenSubject): Promise<string> };

const readKey = async (service: KeyService) => {
  const jwk = await currentPrivateJwk(service);
  return { kid: jwk.kid, key: await importJWK(jwk, ACCESS_TOKEN.algorithm), readAtMs: service.clock.nowMs() };
};

/** Signs access tokens with the newest key that everybody can know; the first key is made here. */
export const makeSigner = async (service: KeyService): Promise<Signer> => {
  let current = await readKey(service);
  return {
    accessToken: async ({ userId, sessionId, role, accessVersion }) => {
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
