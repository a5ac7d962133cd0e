const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;
const SPREAD = 0.2;

/**
 * How long to wait before an attempt (1 is the first): 2, 4, 8 … 60 s, spread so that not all come at
 * once.
 */
export const delayMs = (attempt: number, random: number): number =>
  Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS) * (1 - SPREAD * random);

/**
 * Runs a task again after growing delays, until `reset`. It waits while the page is hidden or the browser
 * has no network, and runs at once when the network is back.
 */
export const createRetry = (task: () => void) => {
  let attempt = 0;
  let dueMs = $state<number | null>(null);
  let isOffline = $state(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  const run = (): void => {
    clearTimeout(timer);
    dueMs = null;
    task();
  };
  const arm = (): void => {
    clearTimeout(timer);
    isOffline = !navigator.onLine;
    if (dueMs === null || isOffline || document.hidden) return;
    timer = setTimeout(run, Math.max(0, dueMs - performance.now()));
  };
  const online = (): void => {
    isOffline = false;
    if (dueMs !== null) run();
  };
  return {
    /** When the next attempt is due, on the page's clock; null without one. */
    get dueMs() {
      return dueMs;
    },
    get isOffline() {
      return isOffline;
    },
    schedule: (): void => {
      attempt += 1;
      dueMs = performance.now() + delayMs(attempt, Math.random());
      arm();
    },
    /** Gives up what is due; the next delay is the first again. */
    reset: (): void => {
      attempt = 0;
      dueMs = null;
      clearTimeout(timer);
    },
    /** Gives up what is due, for an attempt that comes before. */
    cancel: (): void => {
      dueMs = null;
      clearTimeout(timer);
    },
    /** Follows page and network; returns the function that ends everything. */
    follow: (): (() => void) => {
      addEventListener('online', online);
      addEventListener('offline', arm);
      document.addEventListener('visibilitychange', arm);
      return () => {
        dueMs = null;
        clearTimeout(timer);
        removeEventListener('online', online);
        removeEventListener('offline', arm);
        document.removeEventListener('visibilitychange', arm);
      };
    },
  };
};
