export const REASON_MAX = 500;
const REASON_MIN = 3;

/** What is wrong with a reason, as a sentence; an empty text when it can be sent. */
export const reasonProblem = (reason: string): string => {
  const { length } = reason.trim();
  if (length === 0) return 'Fill this in.';
  if (length > REASON_MAX) return `Use at most ${REASON_MAX} characters.`;
  return length < REASON_MIN ? 'Give the reason in a sentence.' : '';
};
