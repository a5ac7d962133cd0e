import type { Database } from '../../../broker/postgres/database.ts';
import type { Job } from '../../../broker/process/jobs.ts';
import type { Service } from '../../../broker/process/service.ts';
import { DEVICE_LIFETIME_MS } from '../devices/known-devices.ts';
import { FAILURES_KEPT_MS } from '../domain/lockouts/lockout.ts';
import { purgeDevices } from '../persistence/devices/known-devices.ts';
import { purgeFailures } from '../persistence/lockouts/sign-in-failures.ts';
import { purgeSessions } from '../persistence/sessions/sessions.ts';

const EVERY_MS = 3_600_000;
/** Small batches hold their locks only briefly. */
const BATCH = 1_000;

type Purge = (db: Database, before: Date, limit: number) => Promise<number>;
type PurgeJob = Job<Pick<Service, 'db' | 'clock'>>;

const purgeJob = (name: string, keptMs: number, purge: Purge): PurgeJob => ({
  name,
  everyMs: EVERY_MS,
  run: async ({ db, clock }) => {
    const before = new Date(clock.nowMs() - keptMs);
    while ((await purge(db, before, BATCH)) === BATCH);
  },
});

export const purgeJobs: readonly PurgeJob[] = [
  purgeJob('purge-sign-in-failures', FAILURES_KEPT_MS, purgeFailures),
  purgeJob('purge-known-devices', DEVICE_LIFETIME_MS, purgeDevices),
  purgeJob('purge-sessions', DEVICE_LIFETIME_MS, purgeSessions),
];
