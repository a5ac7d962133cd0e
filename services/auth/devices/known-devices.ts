import { createHash, randomBytes } from 'node:crypto';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { addDevice, isDeviceOf, useDevice } from '../persistence/devices/known-devices.ts';
import type { AuthService } from '../auth.ts';

/** A device is forgotten when it was not used for as long as browsers keep a cookie (RFC 6265bis 5.5). */
export const DEVICE_LIFETIME_MS = 400 * 24 * 3_600_000;
const DEVICES_PER_USER = 20;

/** A browser that has signed in to an account before, by the token that it was given then. */
export type KnownDevice = { token: string; hash: Buffer };

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The device that holds this token, if it is known for this very account; else null. */
export const knownDevice = async (
  { db, clock }: AuthService,
  email: string,
  token: string | undefined,
): Promise<KnownDevice | null> => {
  if (token === undefined) return null;
  const hash = hashOf(token);
  const since = new Date(clock.nowMs() - DEVICE_LIFETIME_MS);
  return (await isDeviceOf(db, { hash, email, since })) ? { token, hash } : null;
};

/**
 * Remembers that a browser has signed in to an account.
 * @returns the token that it is to keep: the same one where it is known for this account. A token that others
 *   may have put into the browser is never taken over.
 */
export const rememberDevice = async (
  { clock }: AuthService,
  tx: Transaction,
  userId: UserId,
  known: KnownDevice | null,
): Promise<string> => {
  const at = clock.now();
  if (known && (await useDevice(tx, known.hash, at))) return known.token;
  const token = `dt_${randomBytes(32).toString('base64url')}`;
  await addDevice(tx, { hash: hashOf(token), userId, at, max: DEVICES_PER_USER });
  return token;
};
