/** Part of all calls that may be tried again, so that a service in trouble is not asked twice as much. */
const SHARE = 0.1;
/** What a process that has just started may spend. */
const RESERVE = 10;
const MOST = 100;

export type RetryBudget = {
  /** Counts a call. */
  earn(): void;
  /** Takes one retry; false when there is none left. */
  take(): boolean;
};

/** A tenth of the calls made so far, less what was taken, between 0 and 100. */
export const retryBudget = (): RetryBudget => {
  let left = RESERVE;
  return {
    earn: () => {
      left = Math.min(MOST, left + SHARE);
    },
    take: () => {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
};
