import type { Logger } from './logger.ts';
import type { Database } from '../postgres/database.ts';

export type Worker = {
  /** Looks for work now. */
  wake(): void;
  /** Takes no more work and waits for what it has. */
  stop(): Promise<void>;
};

export type WorkerOptions = {
  name: string;
  db: Database;
  /** What `db.wake` says when there is work, if it does. */
  work?: string;
  /** The slow poll behind it, for what another process wrote and did not live to do. */
  pollMs: number;
  log: Logger;
  /** Does a piece of work; true when there may be more. */
  run: () => Promise<boolean>;
};

const PAUSE_AFTER_ERROR_MS = 500;

/** A loop over rows: woken by who writes them, by a slow poll, and by itself while there is more to do. */
export const worker = ({ name, db, work, pollMs, log, run }: WorkerOptions): Worker => {
  let stopped = false;
  let woken = false;
  let running: Promise<void> | null = null;

  const loop = async () => {
    while (!stopped) {
      woken = false;
      try {
        if (!(await run()) && !woken) return;
      } catch (error) {
        if (stopped) return;
        log.warn({ err: error, worker: name }, 'work was interrupted and will be taken up again');
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_ERROR_MS).unref());
      }
    }
  };

  const wake = () => {
    woken = true;
    if (stopped || running) return;
    running = loop().finally(() => {
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
