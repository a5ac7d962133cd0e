import { MISSED_MAX } from '../../../shared/contracts/realtime.ts';

/** A user's stream: its newest number, and the oldest that is still kept; null where nothing is. */
export type StreamEnds = { last: number; oldest: number | null };

/**
 * Where somebody goes on reading.
 * @param after what the client says that it has; null when it has just come
 * @returns the number after which it is sent everything, and whether it has to read everything again because
 *   what it missed is not all there
 */
export const resume = (
  after: number | null,
  { last, oldest }: StreamEnds,
): { from: number; reread: boolean } => {
  if (after === null || after === last) return { from: last, reread: false };
  // More than there ever was: the client speaks of another stream than this one.
  const isForeign = after > last;
  const isForgotten = oldest === null || after < oldest - 1;
  const isTooMuch = last - after > MISSED_MAX;
  return isForeign || isForgotten || isTooMuch
    ? { from: last, reread: true }
    : { from: after, reread: false };
};
