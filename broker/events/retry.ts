import { isAppError } from '../calls/errors.ts';

/** After this many failed attempts an event becomes a dead letter. */
export const MAX_TRIES = 5;

const FIRST_DELAY_MS = 200;
const DELAY_GROWTH = 4;

/** Delays before the second, third, fourth and fifth attempt. */
export const RETRY_DELAYS_MS = Array.from(
  { length: MAX_TRIES - 1 },
  (_value, index) => FIRST_DELAY_MS * DELAY_GROWTH ** index,
);

/** How long an `unavailable` dependency is waited for before it counts as a failed attempt. */
export const PATIENCE_MS = 10_000;
export const PAUSE_MS = 500;

const MAX_CAUSE_LENGTH = 1_000;

/** Connection loss does not count as a failed attempt: the event stays where it is. */
export const isUnavailable = (error: unknown): boolean => isAppError(error) && error.code === 'unavailable';

/** An error as text for a dead letter. */
export const causeOf = (error: unknown): string =>
  (error instanceof Error && error.name === 'PoisonMessage' ? error.message : String(error)).slice(
    0,
    MAX_CAUSE_LENGTH,
  );
