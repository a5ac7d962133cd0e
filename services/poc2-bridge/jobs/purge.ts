import { purgeJob } from '../../../broker/process/purge-job.ts';
import { purgeIds, purgeVersions } from '../persistence/passed.ts';

/** As long as inboxes keep ids. */
const KEPT_MS = 8 * 86_400_000;

export const purgeJobs = [
  purgeJob('purge-passed-messages', KEPT_MS, purgeIds),
  purgeJob('purge-sent-versions', KEPT_MS, purgeVersions),
];
