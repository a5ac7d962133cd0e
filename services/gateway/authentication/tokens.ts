import { hash } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, type CryptoKey, type JWTPayload } from 'jose';
import type { Caller } from '../../../broker/caller.ts';
import type { Clock } from '../../../broker/clock.ts';
import { AppError } from '../../../broker/errors.ts';
import { sessionId, userId } from '../../../shared/contracts/ids.ts';
import { role } from '../../../shared/contracts/roles.ts';
import type { SigningKeys } from './signing-keys.ts';

const TOKEN_MAX_LENGTH = 4_096;
const KEPT_TOKENS = 10_000;

type Verified = { caller: Caller; expiresAtMs: number };

/** Who a token speaks for, at once when it is known; throws `unauthenticated` or `token_expired`. */
export type Tokens = { callerOf(token: string): Caller | Promise<Caller> };

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

const callerFrom = ({ sub, sid, role: claimedRole }: JWTPayload): Caller => {
  const user = userId.safeParse(sub);
  const session = sessionId.safeParse(sid);
  const known = role.safeParse(claimedRole);
  if (!user.success || !session.success || !known.success) throw new AppError('unauthenticated');
  return { userId: user.data, sessionId: session.data, role: known.data };
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

const verify = async (token: string, key: CryptoKey, issuer: string, clock: Clock): Promise<Verified> => {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['EdDSA'],
      issuer,
      audience: 'payloom',
      typ: 'at+jwt',
      requiredClaims: ['exp', 'sub', 'sid', 'role'],
      currentDate: clock.now(),
    });
    return { caller: callerFrom(payload), expiresAtMs: (payload.exp as number) * 1_000 };
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
export const accessTokens = (options: { keys: SigningKeys; issuer: string; clock: Clock }): Tokens => {
  const { keys, issuer, clock } = options;
  const verified = boundedMap<Verified>(KEPT_TOKENS);

  const verifyAnew = async (token: string, digest: string): Promise<Caller> => {
    const key = await keys(keyIdOf(token));
    if (!key) throw new AppError('unauthenticated');
    const fresh = await verify(token, key, issuer, clock);
    verified.set(digest, fresh);
    return fresh.caller;
  };

  return {
    callerOf: (token) => {
      if (token.length > TOKEN_MAX_LENGTH) throw new AppError('unauthenticated');
      const digest = hash('sha256', token, 'base64');
      const known = verified.get(digest);
      if (!known) return verifyAnew(token, digest);
      if (known.expiresAtMs <= clock.nowMs()) throw new AppError('token_expired');
      return known.caller;
    },
  };
};
