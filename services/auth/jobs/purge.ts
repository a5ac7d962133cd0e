import { purgeJob, type PurgeJob } from '../../../broker/process/purge-job.ts';
import { DEVICE_LIFETIME_MS } from '../devices/known-devices.ts';
import { FAILURES_KEPT_MS } from '../domain/lockouts/lockout.ts';
import { purgeDevices } from '../persistence/devices/known-devices.ts';
import { purgeApprovals } from '../persistence/accounts/approvals.ts';
import { purgePasswordLinks } from '../persistence/accounts/password-links.ts';
import { purgeFailures } from '../persistence/lockouts/sign-in-failures.ts';
import { purgeUsedRefreshTokens } from '../persistence/sessions/refresh-tokens.ts';
import { purgeSessions } from '../persistence/sessions/sessions.ts';

const DAY_MS = 86_400_000;
/** Small, because the tokens of a session are deleted with it. */
const SESSIONS_BATCH = 100;

export const purgeJobs: readonly PurgeJob[] = [
  purgeJob('purge-sign-in-failures', FAILURES_KEPT_MS, purgeFailures),
  // Administrators see for a month that a link has expired.
  purgeJob('purge-password-links', 30 * DAY_MS, purgePasswordLinks),
  purgeJob('purge-approvals', DEVICE_LIFETIME_MS, purgeApprovals),
  purgeJob('purge-known-devices', DEVICE_LIFETIME_MS, purgeDevices),
  purgeJob('purge-used-refresh-tokens', DAY_MS, purgeUsedRefreshTokens),
  purgeJob('purge-sessions', DEVICE_LIFETIME_MS, purgeSessions, SESSIONS_BATCH),
];
