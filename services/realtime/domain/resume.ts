import { MISSED_MAX } from '../../../shared/contracts/realtime.ts';

/** A user's stream: its newest number, and the oldest that is still stored; null where none is. */
export type StreamEnds = { last: number; oldest: number | null };

/**
 * Where a connecting client continues in its user's stream.
 * @param after the number of the client's last message; null for a new client
 * @returns the number after which it is sent every message, and whether it has to read everything again
 *   because messages since `after` are not all stored, or too many
 */
export const resume = (
  after: number | null,
  { last, oldest }: StreamEnds,
): { from: number; reread: boolean } => {
  if (after === null || after === last) return { from: last, reread: false };
  // A greater number than any of this stream belongs to another stream.
  const isForeign = after > last;
  const isPurged = oldest === null || after < oldest - 1;
  const isTooMany = last - after > MISSED_MAX;
  return isForeign || isPurged || isTooMany ? { from: last, reread: true } : { from: after, reread: false };
};
