import type { Job } from '../../../broker/process/jobs.ts';
import type { Service } from '../../../broker/process/service.ts';
import { addToTotals, clearTotals, countTotals } from '../persistence/report-totals.ts';

/** A payment of which no process still holds the id without having written it. */
const SETTLED_MS = 600_000;

type Needed = Pick<Service, 'db' | 'clock' | 'log'>;

/** Adds payments to the totals of reports; newer ones are read as they are. */
const addPayments: Job<Needed> = {
  name: 'add-report-totals',
  everyMs: 60_000,
  run: ({ db, clock }, signal) => addToTotals(db, new Date(clock.nowMs() - SETTLED_MS), signal),
};

/** Makes the totals again when they lack payments: those of an import, or of a seed. */
const checkTotals: Job<Needed> = {
  name: 'check-report-totals',
  everyMs: 3_600_000,
  run: async ({ db, log }) => {
    const { added, payments } = await countTotals(db);
    if (added === payments) return;
    log.warn({ added, payments }, 'the totals of reports lack payments, and are made again');
    await clearTotals(db);
  },
};

export const reportJobs: readonly Job<Needed>[] = [addPayments, checkTotals];
