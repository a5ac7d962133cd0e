import type { Database } from '../../../broker/postgres/database.ts';
import { DEVICE_LIFETIME_MS } from '../devices/known-devices.ts';
import { FORGOTTEN_AFTER_MS } from '../domain/lockout.ts';
import { purgeDevices } from '../persistence/known-devices.ts';
import { purgeSessions } from '../persistence/sessions.ts';
import { purgeFailures } from '../persistence/sign-in-failures.ts';
import type { AuthService } from '../auth.ts';

const EVERY_MS = 3_600_000;
/** Small, so that forgetting holds no lock for long and leaves the server to others in between. */
const BATCH = 1_000;

type Purge = (db: Database, before: Date, limit: number) => Promise<number>;

const purgeAll = async (db: Database, before: Date, forget: Purge): Promise<void> => {
  while ((await forget(db, before, BATCH)) === BATCH);
};

/** Forgets failed sign-ins that no longer count, and devices and sessions of more than 400 days ago. */
export const forgetOld = async ({ db, clock }: Pick<AuthService, 'db' | 'clock'>): Promise<void> => {
  const nowMs = clock.nowMs();
  await purgeAll(db, new Date(nowMs - FORGOTTEN_AFTER_MS), purgeFailures);
  await purgeAll(db, new Date(nowMs - DEVICE_LIFETIME_MS), purgeDevices);
  await purgeAll(db, new Date(nowMs - DEVICE_LIFETIME_MS), purgeSessions);
};

/** Forgets every hour in the background; returns what ends it. */
export const startPurging = (service: AuthService): (() => void) => {
  const timer = setInterval(() => {
    forgetOld(service).catch((error: unknown) => {
      service.log.warn({ err: error }, 'old sign-in failures, devices and sessions were not forgotten');
    });
  }, EVERY_MS).unref();
  return () => clearInterval(timer);
};
