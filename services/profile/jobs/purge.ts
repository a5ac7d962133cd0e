import { purgeJob, type PurgeJob } from '../../../broker/process/purge-job.ts';
import { EXPORT_KEPT_MS } from '../../../shared/contracts/profile/data-export.ts';
import { purgeParts } from '../persistence/avatar-parts.ts';
import { purgeExports } from '../persistence/exports.ts';

/** An upload takes minutes at most. */
const PARTS_KEPT_MS = 3_600_000;

export const purgeJobs: readonly PurgeJob[] = [
  purgeJob('purge-avatar-parts', PARTS_KEPT_MS, purgeParts),
  purgeJob('purge-exports', EXPORT_KEPT_MS, purgeExports, 10),
];
