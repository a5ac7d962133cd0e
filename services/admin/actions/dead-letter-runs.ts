import type { AdminAction } from '../admin.ts';
import { listRuns, toRun } from '../persistence/dead-letter-runs.ts';

const RUNS_SHOWN = 20;

export const deadLetterRuns: AdminAction<'deadLetterRuns'> = async ({ db }) => ({
  items: (await listRuns(db, RUNS_SHOWN)).map(toRun),
});
