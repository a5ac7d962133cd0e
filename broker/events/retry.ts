import { isAppError } from '../calls/errors.ts';

/** A subscriber that failed this often on an event is not asked again; the event becomes a dead letter. */
export const MAX_TRIES = 5;

const FIRST_DELAY_MS = 200;
const DELAY_GROWTH = 4;

/** The waits before the second, third, fourth and fifth try. */
export const RETRY_DELAYS_MS = Array.from(
  { length: MAX_TRIES - 1 },
  (_value, index) => FIRST_DELAY_MS * DELAY_GROWTH ** index,
);

/** How long something that is `unavailable` is waited for before it counts as a failed try. */
export const PATIENCE_MS = 10_000;
export const PAUSE_MS = 500;

const MAX_CAUSE_LENGTH = 1_000;

/** Nobody's fault, and it may pass: the event stays where it is. */
export const isUnavailable = (error: unknown): boolean => isAppError(error) && error.code === 'unavailable';

/** An error as it is kept with a dead letter. */
export const causeOf = (error: unknown): string =>
  (error instanceof Error && error.name === 'PoisonMessage' ? error.message : String(error)).slice(
    0,
    MAX_CAUSE_LENGTH,
  );
