import { worker, type Worker } from '../../../broker/process/worker.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import type { AdminService } from '../admin.ts';
import { deleteBefore, insertChange, insertSample, lastStates } from '../persistence/system.ts';
import { printOf, sampleOf, snapshotOf } from './snapshot.ts';
import { REMEMBERED_MS } from './watch.ts';

const LOOK_EVERY_MS = 1_000;
const SAMPLE_EVERY_MS = 10_000;

/** The last multiple of the interval: processes of this service name the same times. */
const slotOf = (nowMs: number): number => Math.floor(nowMs / SAMPLE_EVERY_MS) * SAMPLE_EVERY_MS;

const saveChanges = async ({ db, state }: AdminService): Promise<void> => {
  for (const change of [...state.system.unsaved()]) {
    await insertChange(db, change);
    state.system.saved(1);
  }
};

/**
 * Follows the system as long as the process runs: looks every second, keeps the figures of every ten seconds
 * and what came and went, and sends a signal for pages at each change.
 */
export const startSystemWorker = (service: AdminService): Worker => {
  const { db, clock, log, state, nodeId, config } = service;
  const { system } = state;
  let print = '';
  let slot = slotOf(clock.nowMs());
  let recalled = false;

  const record = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    const since = new Date(nowMs - REMEMBERED_MS);
    if (!recalled) system.recall(await lastStates(db, since));
    recalled = true;
    await saveChanges(service);
    const snapshot = snapshotOf(system, nodeId);
    if (slotOf(nowMs) === slot || !snapshot) return;
    slot = slotOf(nowMs);
    await insertSample(db, sampleOf(snapshot, new Date(slot)));
    await deleteBefore(db, since);
    print = '';
  };

  const run = async (): Promise<boolean> => {
    if (config.DEMO_RUN) return false;
    await system.look();
    // Without the database the page still shows what is there now.
    await record().catch((error: unknown) => log.warn({ err: error }, 'history of the system is not kept'));
    const snapshot = snapshotOf(system, nodeId);
    const next = snapshot && printOf(snapshot);
    if (next === null || next === print) return false;
    print = next;
    await service.sendSignal(admin.signals.systemChanged, { at: clock.now().toISOString() });
    return false;
  };

  return worker({ name: 'system watch', db, pollMs: LOOK_EVERY_MS, log, run });
};
