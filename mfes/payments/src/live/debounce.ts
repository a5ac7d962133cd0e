import type { Surroundings } from './poll.ts';

export type Debounce = {
  /** Requests a read: at once, or combined with others after the interval. */
  ask(): void;
  stop(): void;
};

/**
 * Combines requests to read: at most one read per interval, none while the page is hidden; a pending one runs
 * when the page is shown again.
 */
export const createDebounce = (everyMs: number, read: () => void, surroundings: Surroundings): Debounce => {
  let asked = false;
  let resting = false;
  let cancel = (): void => {};

  const turn = (): void => {
    if (!asked || resting || surroundings.hidden()) return;
    asked = false;
    resting = true;
    cancel = surroundings.after(everyMs, () => {
      resting = false;
      turn();
    });
    read();
  };
  const unlisten = surroundings.onShown(turn);
  return {
    ask: () => {
      const isFirst = !asked && !resting;
      asked = true;
      // Delayed, so that simultaneous requests are combined.
      if (isFirst) cancel = surroundings.after(0, turn);
    },
    stop: () => {
      cancel();
      unlisten();
    },
  };
};
