import { setTimeout as sleep } from 'node:timers/promises';
import { outsideRequests } from '../calls/request-context.ts';
import { reportFailure } from '../telemetry/failures.ts';
import type { Logger } from './logger.ts';
import type { Database } from '../postgres/database.ts';

export type Worker = {
  /** Checks for work now. */
  wake(): void;
  /** Accepts no more work and waits for the work in progress. */
  stop(): Promise<void>;
};

export type WorkerOptions = {
  name: string;
  db: Database;
  /** The name under which `db.wake` wakes this worker. */
  work?: string;
  /** Poll interval, for work whose writer died before it could wake this worker. */
  pollMs: number;
  log: Logger;
  /** Does one piece of work. Returns true if there may be more. */
  run: () => Promise<boolean>;
};

const PAUSE_AFTER_ERROR_MS = 500;

/** A loop over rows: woken by their writer, by a slow poll, and by itself while there is more work. */
export const worker = ({ name, db, work, pollMs, log, run }: WorkerOptions): Worker => {
  let stopped = false;
  let woken = false;
  let failing = false;
  let running: Promise<void> | null = null;

  const loop = async () => {
    while (!stopped) {
      woken = false;
      try {
        const more = await run();
        failing = false;
        if (!more && !woken) return;
      } catch (error) {
        if (stopped) return;
        log.warn({ err: error, worker: name }, 'worker failed and will be restarted');
        // Once, and not twice a second while the database is away.
        if (!failing) reportFailure(error, { work: name });
        failing = true;
        await sleep(PAUSE_AFTER_ERROR_MS, undefined, { ref: false });
      }
    }
  };

  const wake = () => {
    woken = true;
    if (stopped || running) return;
    running = outsideRequests(loop).finally(() => {
      running = null;
      if (woken && !stopped) wake();
    });
  };

  if (work) db.onWake(work, wake);
  const timer = setInterval(wake, pollMs).unref();
  wake();

  return {
    wake,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
};
