import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT, type JWTPayload } from 'jose';
import { ACCESS_TOKEN, UPSTREAM_TOKEN } from '../../../shared/contracts/auth/signing.ts';
import type { SessionId, UserId } from '../../../shared/contracts/ids.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { currentSigningKey, readPrivateJwk, type SigningService } from './key-rotation.ts';

type Subject = { userId: UserId; sessionId: SessionId; role: Role };
export type TokenSigner = {
  signAccess(subject: Subject & { accessVersion: number }): Promise<string>;
  /** A token for an upstream of the gateway, which is its audience. */
  signForUpstream(subject: Subject, audience: string): Promise<string>;
};

type TokenKind = { type: string; audience: string; lifetimeS: number };

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
 * Signs tokens with the current signing key, which is looked up for each token, so that no process signs with
 * a revoked one. The first key of all is created here.
 */
export const createTokenSigner = async (service: SigningService): Promise<TokenSigner> => {
  let current = await readCurrentKey(service, null);

  const sign = async (userId: UserId, claims: JWTPayload, kind: TokenKind): Promise<string> => {
    current = await readCurrentKey(service, current);
    const { kid, key } = current;
    const nowS = Math.floor(service.clock.nowMs() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ACCESS_TOKEN.algorithm, typ: kind.type, kid })
      .setSubject(userId)
      .setIssuer(service.config.issuer)
      .setAudience(kind.audience)
      .setJti(randomUUID())
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + kind.lifetimeS)
      .sign(key);
  };

  return {
    signAccess: ({ userId, sessionId, role, accessVersion }) =>
      sign(userId, { sid: sessionId, role, ver: accessVersion }, ACCESS_TOKEN),
    signForUpstream: ({ userId, sessionId, role }, audience) =>
      sign(userId, { sid: sessionId, role }, { ...UPSTREAM_TOKEN, audience }),
  };
};
