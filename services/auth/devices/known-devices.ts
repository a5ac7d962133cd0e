import { createHash, randomBytes } from 'node:crypto';
import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import {
  addDevice,
  isDeviceOf,
  touchDevice,
  type KnownDeviceKind,
} from '../persistence/devices/known-devices.ts';

/** An unused device is deleted after the time for which browsers keep a cookie (RFC 6265bis 5.5). */
export const DEVICE_LIFETIME_MS = 400 * 24 * 3_600_000;
/** Of each kind. */
const DEVICES_PER_USER = 20;

/** A browser or a program that has signed in to an account before, and holds the token of that sign-in. */
export type KnownDevice = { token: string; hash: Buffer };
/** A device with the name that its user has given to it. */
export type RegisteredDevice = KnownDevice & { name: string | null };

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The device with this token, if it is known for the account with this e-mail address, or else null. */
export const recognizeDevice = async (
  { db, clock }: Pick<Service, 'db' | 'clock'>,
  email: string,
  token: string | undefined,
): Promise<KnownDevice | null> => {
  if (token === undefined) return null;
  const hash = hashOf(token);
  const since = new Date(clock.nowMs() - DEVICE_LIFETIME_MS);
  return (await isDeviceOf(db, { hash, email, since })) ? { token, hash } : null;
};

/**
 * Registers a browser or program as a known device of an account, or updates the last use of a known device.
 * @returns the device with its token: the same one for a known device, or else a new one. An unrecognized
 *   token is never reused, because another party may have put it into the browser.
 */
export const registerDevice = async (
  { clock }: Pick<Service, 'clock'>,
  tx: Transaction,
  { userId, device, kind }: { userId: UserId; device: KnownDevice | null; kind: KnownDeviceKind },
): Promise<RegisteredDevice> => {
  const at = clock.now();
  const known = device && (await touchDevice(tx, device.hash, at));
  if (known) return { ...device, ...known };
  const token = `dt_${randomBytes(32).toString('base64url')}`;
  const hash = hashOf(token);
  await addDevice(tx, { hash, userId, kind, at, max: DEVICES_PER_USER });
  return { token, hash, name: null };
};
