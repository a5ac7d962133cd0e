import { worker, type Worker } from '../../../broker/process/worker.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import { CHANGED_MAX } from '../../../shared/contracts/operations.ts';
import type { AdminService } from '../admin.ts';
import { claimRun, recordBatch, recordProblem, type RunRow } from '../persistence/dead-letter-runs.ts';
import { readerOf } from './letters.ts';

export const RUNS = 'dead letter runs';
const POLL_MS = 2_000;
/** Longer than a batch takes at most. */
const CLAIM_MS = 20_000;
const RETRY_MS = 1_000;
/** A run that makes no progress for this long has ended. */
const WAIT_MS = 60_000;

/** The next letters of one service. */
const batchOf = ({ letters, position }: RunRow): { service: string; ids: string[] } => {
  const service = letters[position]?.[0] ?? '';
  const ids: string[] = [];
  for (const [name, id] of letters.slice(position, position + CHANGED_MAX)) {
    if (name !== service) break;
    ids.push(id);
  }
  return { service, ids };
};

/**
 * Carries out one batch of a run. A batch that a dead process had begun is repeated: what it changed is gone
 * from the dead letters, and a replayed event that was sent twice has one effect.
 */
const runBatch = async (service: AdminService): Promise<boolean> => {
  const { db, clock, log, nodes } = service;
  const run = await claimRun(db, clock.now(), new Date(clock.nowMs() + CLAIM_MS));
  if (!run) return false;
  const batch = batchOf(run);
  try {
    const reader = readerOf(service, batch.service);
    const { changed } = await nodes.ask('changeDeadLetters', reader, { change: run.act, ids: batch.ids });
    const next = run.position + batch.ids.length;
    await recordBatch(db, run, { next, done: new Set(changed).size, now: clock.now() });
  } catch (error) {
    log.warn({ err: error, run: run.id, service: batch.service }, 'dead letters could not be changed');
    const mayRetry = clock.nowMs() - run.progressed_at.getTime() < WAIT_MS;
    const again = mayRetry ? new Date(clock.nowMs() + RETRY_MS) : null;
    await recordProblem(db, run, { problem: `${batch.service} does not answer`, again, now: clock.now() });
  }
  await service.sendSignal(admin.signals.systemChanged, { at: clock.now().toISOString() });
  return true;
};

/** Carries out the orders of administrators for dead letters, by one process at a time for each. */
export const startRunsWorker = (service: AdminService): Worker =>
  worker({
    name: RUNS,
    work: RUNS,
    db: service.db,
    pollMs: POLL_MS,
    log: service.log,
    run: () => runBatch(service),
  });
