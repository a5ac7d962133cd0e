import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError } from '../../../broker/calls/errors.ts';
import type { Service } from '../../../broker/process/service.ts';
import { keysToPublish } from '../domain/signing/key-rotation.ts';
import { listSigningKeys, type PublicJwk, type SigningKeyRow } from '../persistence/signing/signing-keys.ts';

/** For at most this time a request waits for the database when keys have been read before. */
const READ_LIMIT_MS = 300;

/**
 * Reads the keys that verify access tokens. While the database is unavailable it returns the keys of the last
 * read: they change once in weeks, and without them no token could be verified.
 */
export const createPublishedKeys = ({
  db,
  clock,
}: Pick<Service, 'db' | 'clock'>): (() => Promise<PublicJwk[]>) => {
  let keys: SigningKeyRow[] = [];
  const read = async (): Promise<void> => {
    try {
      keys = await listSigningKeys(db);
    } catch (error) {
      if (keys.length === 0 || !isAppError(error) || error.code !== 'unavailable') throw error;
    }
  };
  return async () => {
    const reading = read();
    await (keys.length === 0 ? reading : Promise.race([reading, sleep(READ_LIMIT_MS)]));
    return keysToPublish(keys, clock.now()).map((key) => key.publicJwk);
  };
};
