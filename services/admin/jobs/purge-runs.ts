import { purgeJob } from '../../../broker/process/purge-job.ts';
import { purgeRuns as purge } from '../persistence/dead-letter-runs.ts';

const KEPT_MS = 30 * 24 * 3_600_000;

/** The audit log keeps who ordered what. */
export const purgeRuns = purgeJob('purge-dead-letter-runs', KEPT_MS, purge);
