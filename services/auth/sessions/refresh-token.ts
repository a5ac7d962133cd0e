import { createHash, createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'rt_';
const SIZE_BYTES = 32;

const written = (bytes: Buffer): string => PREFIX + bytes.toString('base64url');

/** The first token of a session: `rt_` and 32 random bytes. */
export const newRefreshToken = (): string => written(randomBytes(SIZE_BYTES));

export const newSuccessorSeed = (): Buffer => randomBytes(SIZE_BYTES);

/**
 * The token that follows `token`: the same each time, for whoever holds the token while the seed is kept.
 * The database alone (seed and hashes) does not give it, nor does the token alone.
 */
export const successorOf = (token: string, seed: Buffer): string =>
  written(createHmac('sha256', seed).update(token).digest());

/** What is stored in the token's place. */
export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
