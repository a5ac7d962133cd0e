import type { Client } from '../../../../../shared/client/client.ts';
import { profile } from '../../../../../shared/contracts/profile.ts';
import type { DataExport } from '../../../../../shared/contracts/profile/data-export.ts';

/** How far it is has no message of its own: a running export is asked for at this interval. */
const POLL_MS = 1_000;

/** The user's export, read again while it is running. */
export const createDataExport = (client: Client) => {
  let current = $state.raw<DataExport | null>(null);
  let loaded = $state(false);
  let error = $state.raw<unknown>(null);
  let busy = $state(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const opened = new AbortController();

  const take = (taken: DataExport | null): void => {
    current = taken;
    loaded = true;
    clearTimeout(timer);
    if (taken?.state === 'running' && !opened.signal.aborted) timer = setTimeout(() => void load(), POLL_MS);
  };
  const load = async (): Promise<void> => {
    try {
      const { signal } = opened;
      take((await client.call(profile.actions.dataExport, {}, { signal })).export);
      error = null;
    } catch (problem) {
      if (!opened.signal.aborted) error = problem;
    }
  };

  return {
    /** Null without one. */
    get current() {
      return current;
    },
    get loaded() {
      return loaded;
    },
    get error() {
      return error;
    },
    get busy() {
      return busy;
    },
    load,
    async start(): Promise<void> {
      if (busy) return;
      [busy, error] = [true, null];
      try {
        take(await client.call(profile.actions.exportData, {}));
      } catch (problem) {
        error = problem;
      }
      busy = false;
    },
    /** Confirms that it can be downloaded, with fresh cookies for the request that follows. */
    async isReady(): Promise<boolean> {
      await load();
      return error === null && current?.state === 'ready';
    },
    stop(): void {
      opened.abort();
      clearTimeout(timer);
    },
  };
};
export type DataExportView = ReturnType<typeof createDataExport>;
