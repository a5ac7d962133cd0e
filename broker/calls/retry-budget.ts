/** The share of calls that may be retried, so that retries do not double the load on a failing service. */
const SHARE = 0.1;
/** Retries available at the start of a process. */
const RESERVE = 10;
const MOST = 100;

export type RetryBudget = {
  /** Counts a call. */
  earn(): void;
  /** Takes one retry; false when there is none left. */
  take(): boolean;
};

/** A tenth of the calls made so far, less the retries taken, between 0 and 100. */
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
