import type { Surroundings } from './poll.ts';

export type Nudge = {
  /** There is a reason to read: at once, or together with other reasons when the time has passed. */
  ask(): void;
  stop(): void;
};

/**
 * Turns any number of reasons to read into few reads: at most one in so many milliseconds, and none while the
 * page is hidden; one that was asked for meanwhile is made when it is shown again.
 */
export const createNudge = (everyMs: number, read: () => void, surroundings: Surroundings): Nudge => {
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
      // A moment later, so that reasons which come together are one.
      if (isFirst) cancel = surroundings.after(0, turn);
    },
    stop: () => {
      cancel();
      unlisten();
    },
  };
};
