import { hash } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, type CryptoKey, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../../../broker/calls/envelope.ts';
import type { Clock } from '../../../broker/process/clock.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import { ACCESS_TOKEN, accessClaims } from '../../../shared/contracts/auth/signing.ts';
import type { SigningKeys } from './signing-keys.ts';

const TOKEN_MAX_LENGTH = 4_096;
const CACHED_TOKENS_MAX = 10_000;

/** Covers the difference between the clocks of auth and this process. */
const CLOCK_MARGIN_S = 30;

/**
 * The claims of a valid token: caller, expiry, and the version of the user's rights when it was signed. And
 * the id of the key that signed it.
 */
export type Access = { caller: Caller; expiresAtMs: number; version: number; keyId: string };

/**
 * The claims of a token, without a promise when it is cached; throws `unauthenticated` or `token_expired`.
 */
export type Tokens = { accessOf(token: string): Access | Promise<Access> };

/** Revocations are kept for a time that depends on the lifetime of tokens, so that none may live longer. */
const isLifetimeValid = (iat: number, exp: number, nowMs: number): boolean =>
  exp - iat <= ACCESS_TOKEN.lifetimeS && iat <= nowMs / 1_000 + CLOCK_MARGIN_S;

const accessFrom = (payload: JWTPayload, keyId: string, nowMs: number): Access => {
  const claims = accessClaims.safeParse(payload);
  if (!claims.success) throw new AppError('unauthenticated');
  const { sub, sid, role, ver, iat, exp } = claims.data;
  if (!isLifetimeValid(iat, exp, nowMs)) throw new AppError('unauthenticated');
  return { caller: { userId: sub, sessionId: sid, role }, expiresAtMs: exp * 1_000, version: ver, keyId };
};

const keyIdOf = (token: string): string => {
  try {
    const { kid } = decodeProtectedHeader(token);
    if (typeof kid === 'string' && kid !== '') return kid;
  } catch {
    // Text that is no token is refused like a forged one.
  }
  throw new AppError('unauthenticated');
};

type Key = { id: string; key: CryptoKey };

const verify = async (token: string, { id, key }: Key, issuer: string, clock: Clock): Promise<Access> => {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ACCESS_TOKEN.algorithm],
      issuer,
      audience: ACCESS_TOKEN.audience,
      typ: ACCESS_TOKEN.type,
      requiredClaims: ['exp', 'sub', 'sid', 'role'],
      currentDate: clock.now(),
    });
    return accessFrom(payload, id, clock.nowMs());
  } catch (error) {
    throw new AppError(
      error instanceof errors.JWTExpired ? 'token_expired' : 'unauthenticated',
      {},
      { cause: error },
    );
  }
};

/**
 * Verifies access tokens (EdDSA, type `at+jwt` of RFC 9068) once: a signature check costs more than the rest
 * of a request, so the claims are cached under the token's SHA-256 until it expires or auth removes its key.
 */
export const accessTokens = (options: {
  keys: SigningKeys;
  issuer: string;
  clock: Clock;
  /** A promise to wait for, or null: a process that starts must not judge expiry by an uncorrected clock. */
  wait: () => Promise<void> | null;
}): Tokens => {
  const { keys, issuer, clock, wait } = options;
  const verified = new LRUCache<string, Access>({ max: CACHED_TOKENS_MAX });

  const verifyAndCache = async (token: string, digest: string): Promise<Access> => {
    const id = keyIdOf(token);
    const key = await keys.find(id);
    if (!key) throw new AppError('unauthenticated');
    const access = await verify(token, { id, key }, issuer, clock);
    verified.set(digest, access);
    return access;
  };

  const judge = (token: string): Access | Promise<Access> => {
    if (token.length > TOKEN_MAX_LENGTH) throw new AppError('unauthenticated');
    const digest = hash('sha256', token, 'base64');
    const known = verified.get(digest);
    if (!known || !keys.isKnown(known.keyId)) return verifyAndCache(token, digest);
    if (known.expiresAtMs <= clock.nowMs()) throw new AppError('token_expired');
    return known;
  };

  return { accessOf: (token) => wait()?.then(() => judge(token)) ?? judge(token) };
};
