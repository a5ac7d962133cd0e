const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 1_000;

/** A delay that doubles with each attempt, from 0.1 up to 1 s, half of it left to chance. */
export const backoffMs = (attempt: number): number => {
  const fullMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
  return fullMs / 2 + (fullMs / 2) * Math.random();
};
