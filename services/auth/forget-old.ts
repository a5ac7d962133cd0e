import type { Database } from '../../broker/postgres/database.ts';
import { DEVICE_LIFETIME_MS } from './devices/known-devices.ts';
import { FORGOTTEN_AFTER_MS } from './domain/lockout.ts';
import { forgetDevices } from './persistence/known-devices.ts';
import { forgetSessions } from './persistence/sessions.ts';
import { forgetOldFailures } from './persistence/sign-in-failures.ts';
import type { AuthRoom } from './room.ts';

const EVERY_MS = 3_600_000;
/** Small, so that forgetting holds no lock for long and leaves the server to others in between. */
const BATCH = 1_000;

type Forget = (db: Database, before: Date, limit: number) => Promise<number>;

const forgetAll = async (db: Database, before: Date, forget: Forget): Promise<void> => {
  while ((await forget(db, before, BATCH)) === BATCH);
};

/** Forgets failed sign-ins that no longer count, and devices and sessions of more than 400 days ago. */
export const forgetOld = async ({ db, clock }: Pick<AuthRoom, 'db' | 'clock'>): Promise<void> => {
  const nowMs = clock.nowMs();
  await forgetAll(db, new Date(nowMs - FORGOTTEN_AFTER_MS), forgetOldFailures);
  await forgetAll(db, new Date(nowMs - DEVICE_LIFETIME_MS), forgetDevices);
  await forgetAll(db, new Date(nowMs - DEVICE_LIFETIME_MS), forgetSessions);
};

/** Forgets every hour in the background; returns what ends it. */
export const startForgetting = (room: AuthRoom): (() => void) => {
  const timer = setInterval(() => {
    forgetOld(room).catch((error: unknown) => {
      room.log.warn({ err: error }, 'old sign-in failures, devices and sessions were not forgotten');
    });
  }, EVERY_MS).unref();
  return () => clearInterval(timer);
};
