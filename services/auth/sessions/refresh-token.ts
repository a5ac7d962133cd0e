import { createHash, createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'rt_';
const SIZE_BYTES = 32;

const encode = (bytes: Buffer): string => PREFIX + bytes.toString('base64url');

/** The first refresh token of a session: `rt_` and 32 random bytes. */
export const newRefreshToken = (): string => encode(randomBytes(SIZE_BYTES));

export const newSuccessorSeed = (): Buffer => randomBytes(SIZE_BYTES);

/**
 * The refresh token that follows `token`. It is the same for every caller that has both token and seed; it
 * cannot be derived from the database alone (seeds and hashes) nor from the token alone.
 */
export const successorOf = (token: string, seed: Buffer): string =>
  encode(createHmac('sha256', seed).update(token).digest());

/** The stored form of a refresh token. */
export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
