import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth-fields.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { currentPrivateJwk, type KeyRoom } from './signing-keys.ts';

/** So long a process may sign on with a key after a newer one has begun to sign. */
const KEY_REREAD_MS = 10_000;

export type AccessTokenSubject = { userId: UserId; sessionId: SessionId; role: Role; accessVersion: number };
export type Signer = { accessToken(subject: AccessTokenSubject): Promise<string> };

const readKey = async (room: KeyRoom) => {
  const jwk = await currentPrivateJwk(room);
  return { kid: jwk.kid, key: await importJWK(jwk, ACCESS_TOKEN.algorithm), readAtMs: room.clock.nowMs() };
};

/** Signs access tokens with the newest key that everybody can know; the first key is made here. */
export const makeSigner = async (room: KeyRoom): Promise<Signer> => {
  let current = await readKey(room);
  return {
    accessToken: async ({ userId, sessionId, role, accessVersion }) => {
      if (Math.abs(room.clock.nowMs() - current.readAtMs) > KEY_REREAD_MS) current = await readKey(room);
      const nowS = Math.floor(room.clock.nowMs() / 1000);
      return new SignJWT({ sid: sessionId, role, ver: accessVersion })
        .setProtectedHeader({ alg: ACCESS_TOKEN.algorithm, typ: ACCESS_TOKEN.type, kid: current.kid })
        .setSubject(userId)
        .setIssuer(room.config.issuer)
        .setAudience(ACCESS_TOKEN.audience)
        .setJti(randomUUID())
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + ACCESS_TOKEN.lifetimeS)
        .sign(current.key);
    },
  };
};
