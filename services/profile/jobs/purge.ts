import { purgeJob, type PurgeJob } from '../../../broker/process/purge-job.ts';
import { purgeParts } from '../persistence/avatar-parts.ts';

/** An upload takes minutes at most. */
const PARTS_KEPT_MS = 3_600_000;

export const purgeJobs: readonly PurgeJob[] = [purgeJob('purge-avatar-parts', PARTS_KEPT_MS, purgeParts)];
