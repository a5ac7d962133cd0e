import { isAppError } from '../calls/errors.ts';

/** What is known of the code that failed: names, never contents. `work` is a job, a worker or an event. */
type FailureSource = { service?: string; action?: string; work?: string };

type Take = (error: unknown, source: FailureSource) => void;

let take: Take | null = null;

/**
 * Reports a defect where reports are configured: not an AppError, which is expected, and no error that was
 * reported before.
 */
export const reportFailure: Take = (error, source) => {
  if (!isAppError(error)) take?.(error, source);
};

/** Sets where defects are reported; null for nowhere. */
export const reportFailuresTo = (next: Take | null): void => {
  take = next;
};
