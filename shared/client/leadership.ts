import type { Timing } from './socket.ts';

export type LeadershipOptions = {
  /** What the tabs of one user elect among themselves. */
  name: string;
  /** The browser's Web Locks; without them every tab leads, for itself. */
  locks: LockManager | undefined;
  /** Called when this tab becomes the leader; gives back what ends that. */
  lead(): () => void;
};

export type Leadership = {
  /** Takes the place of a leader that does not answer: the browser may have frozen its tab. */
  seize(): void;
  /** Leaves, so that another tab can lead. */
  resign(): void;
};

/** One leader among all tabs of a browser; when it goes, the tab that has waited longest is next. */
export const electLeader = ({ name, locks, lead }: LeadershipOptions): Leadership => {
  if (!locks) return { seize: () => {}, resign: lead() };
  const resigned = new AbortController();
  const { signal } = resigned;
  let stepDown: (() => void) | null = null;

  const hold = (): Promise<void> =>
    new Promise((end) => {
      if (signal.aborted) return end();
      const endLead = lead();
      stepDown = () => {
        stepDown = null;
        endLead();
        end();
      };
    });
  const stand = (options: LockOptions): void => {
    locks.request(name, options, hold).catch(() => {
      // Another tab has seized the place, or this one has resigned while it waited.
      stepDown?.();
      if (!signal.aborted) stand({ signal });
    });
  };
  stand({ signal });
  return {
    seize: () => {
      if (stepDown === null && !signal.aborted) stand({ steal: true });
    },
    resign: () => {
      resigned.abort();
      stepDown?.();
    },
  };
};

const ANSWER_TIMEOUT_MS = 3_000;
const ASK_EVERY_MS = 15_000;

export type LeaderWatchOptions = {
  tab: Timing & { visible(): boolean };
  /** Asks the leader for a sign of life. */
  ask(): void;
  silent(): void;
};

/** Detects a leader that no longer answers; only in a visible tab. */
export const watchLeader = ({ tab, ask, silent }: LeaderWatchOptions) => {
  let cancelAnswer = (): void => {};
  let cancelNext = (): void => {};
  const look = (): void => {
    cancelNext();
    cancelNext = tab.after(ASK_EVERY_MS, look);
    if (!tab.visible()) return;
    cancelAnswer();
    cancelAnswer = tab.after(ANSWER_TIMEOUT_MS, silent);
    ask();
  };
  return {
    look,
    /** Call for each message of the leader. */
    received: (): void => cancelAnswer(),
    stop: (): void => {
      cancelNext();
      cancelAnswer();
    },
  };
};
