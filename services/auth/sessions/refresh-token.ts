import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { sessionId as sessionIdSchema, type SessionId } from '../../../shared/contracts/ids.ts';

/**
 * A refresh token is `rt_` and the base64url text of a session's id (16 bytes), a secret (32 bytes) and a tag
 * (16 bytes). The tag is an HMAC under a key of the session: it proves that the token was issued for the
 * session after its row has been deleted, and it grants nothing.
 */
const PREFIX = 'rt_';
const ID_BYTES = 16;
const SECRET_BYTES = 32;
const TAG_BYTES = 16;
const SIGNED_BYTES = ID_BYTES + SECRET_BYTES;

/** The session that a token belongs to, and the key of its tokens. */
export type TokenFamily = { sessionId: SessionId; tokenKey: Buffer };

const hmac = (key: Buffer, data: Buffer | string): Buffer => createHmac('sha256', key).update(data).digest();

const tagOf = (tokenKey: Buffer, signed: Buffer): Buffer => hmac(tokenKey, signed).subarray(0, TAG_BYTES);

const encode = ({ sessionId, tokenKey }: TokenFamily, secret: Buffer): string => {
  const id = Buffer.from(sessionId.slice(sessionId.indexOf('_') + 1), 'hex');
  const signed = Buffer.concat([id, secret]);
  return PREFIX + Buffer.concat([signed, tagOf(tokenKey, signed)]).toString('base64url');
};

const decode = (token: string): Buffer | null => {
  if (!token.startsWith(PREFIX)) return null;
  const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url');
  return bytes.length === SIGNED_BYTES + TAG_BYTES ? bytes : null;
};

export const newTokenKey = (): Buffer => randomBytes(32);
export const newSuccessorSeed = (): Buffer => randomBytes(32);

/** The first refresh token of a session, with a random secret. */
export const newRefreshToken = (family: TokenFamily): string => encode(family, randomBytes(SECRET_BYTES));

/**
 * The refresh token that follows `token`. It is the same for every caller that has both token and seed; it
 * cannot be derived from the database alone (seeds, keys and hashes) nor from the token alone. A session
 * without a key gets the token that a process of an older version derives.
 */
export const successorOf = (
  { sessionId, tokenKey }: { sessionId: SessionId; tokenKey: Buffer | null },
  token: string,
  seed: Buffer,
): string => {
  const secret = hmac(seed, token);
  return tokenKey ? encode({ sessionId, tokenKey }, secret) : PREFIX + secret.toString('base64url');
};

/** The stored form of a refresh token. */
export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The session that a token claims to belong to; null for other text and for tokens of older versions. */
export const sessionOf = (token: string): SessionId | null => {
  const bytes = decode(token);
  if (!bytes) return null;
  const id = sessionIdSchema.safeParse(`ses_${bytes.subarray(0, ID_BYTES).toString('hex')}`);
  return id.success ? id.data : null;
};

/** Whether a token was issued with this key. */
export const isIssuedWith = (tokenKey: Buffer, token: string): boolean => {
  const bytes = decode(token);
  if (!bytes) return false;
  const expected = tagOf(tokenKey, bytes.subarray(0, SIGNED_BYTES));
  return timingSafeEqual(expected, bytes.subarray(SIGNED_BYTES));
};
