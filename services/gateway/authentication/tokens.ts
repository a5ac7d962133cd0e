import { hash } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, type CryptoKey, type JWTPayload } from 'jose';
import type { Caller } from '../../../broker/calls/envelope.ts';
import type { Clock } from '../../../broker/process/clock.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import { ACCESS_TOKEN, accessClaims } from '../../../shared/contracts/auth/fields.ts';
import type { SigningKeys } from './signing-keys.ts';

const TOKEN_MAX_LENGTH = 4_096;
const KEPT_TOKENS = 10_000;

/** What a good token says: who asks, until when, and of which version the user's rights are in it. */
export type Access = { caller: Caller; expiresAtMs: number; version: number };

/** What a token says, at once when it is known; throws `unauthenticated` or `token_expired`. */
export type Tokens = { accessOf(token: string): Access | Promise<Access> };

/** Keeps the newest entries, from `size` to twice as many; the older half goes at once. */
const boundedMap = <T>(size: number) => {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  const set = (key: string, value: T): void => {
    if (young.size >= size) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    set,
    get: (key: string): T | undefined => {
      const value = young.get(key);
      if (value !== undefined) return value;
      const aged = old.get(key);
      if (aged !== undefined) set(key, aged);
      return aged;
    },
  };
};

const accessFrom = (payload: JWTPayload): Access => {
  const claims = accessClaims.safeParse(payload);
  if (!claims.success) throw new AppError('unauthenticated');
  const { sub, sid, role, ver, exp } = claims.data;
  return { caller: { userId: sub, sessionId: sid, role }, expiresAtMs: exp * 1_000, version: ver };
};

const keyIdOf = (token: string): string => {
  try {
    const { kid } = decodeProtectedHeader(token);
    if (typeof kid === 'string' && kid !== '') return kid;
  } catch {
    // Not a token at all: refused like one that is forged.
  }
  throw new AppError('unauthenticated');
};

const verify = async (token: string, key: CryptoKey, issuer: string, clock: Clock): Promise<Access> => {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ACCESS_TOKEN.algorithm],
      issuer,
      audience: ACCESS_TOKEN.audience,
      typ: ACCESS_TOKEN.type,
      requiredClaims: ['exp', 'sub', 'sid', 'role'],
      currentDate: clock.now(),
    });
    return accessFrom(payload);
  } catch (error) {
    throw new AppError(
      error instanceof errors.JWTExpired ? 'token_expired' : 'unauthenticated',
      {},
      { cause: error },
    );
  }
};

/**
 * Verifies access tokens (EdDSA, RFC 9068's `at+jwt`) once: a signature check costs more than the rest of a
 * request, so the claims are kept under the token's SHA-256 until it expires.
 */
export const accessTokens = (options: {
  keys: SigningKeys;
  issuer: string;
  clock: Clock;
  /** What to wait for first, or null: a process that starts judges no expiry before its clock is right. */
  wait: () => Promise<void> | null;
}): Tokens => {
  const { keys, issuer, clock, wait } = options;
  const verified = boundedMap<Access>(KEPT_TOKENS);

  const verifyAnew = async (token: string, digest: string): Promise<Access> => {
    const key = await keys(keyIdOf(token));
    if (!key) throw new AppError('unauthenticated');
    const fresh = await verify(token, key, issuer, clock);
    verified.set(digest, fresh);
    return fresh;
  };

  const judge = (token: string): Access | Promise<Access> => {
    if (token.length > TOKEN_MAX_LENGTH) throw new AppError('unauthenticated');
    const digest = hash('sha256', token, 'base64');
    const known = verified.get(digest);
    if (!known) return verifyAnew(token, digest);
    if (known.expiresAtMs <= clock.nowMs()) throw new AppError('token_expired');
    return known;
  };

  return { accessOf: (token) => wait()?.then(() => judge(token)) ?? judge(token) };
};
