/** What is known of the code that failed: names, never contents. */
type FailureSource = { service: string; action?: string };

type Take = (error: unknown, source: FailureSource) => void;

let take: Take | null = null;

/** Reports a defect where reports are configured; an error that was reported before is not reported again. */
export const reportFailure: Take = (error, source) => take?.(error, source);

/** Sets where defects are reported; null for nowhere. */
export const reportFailuresTo = (next: Take | null): void => {
  take = next;
};
