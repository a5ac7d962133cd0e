import type { SocketMessage, Welcome } from '../contracts/realtime.ts';

export type SequenceOptions = {
  /** The number of the last handled message; null before the first welcome, which sets it. */
  seq: number | null;
  message(message: SocketMessage): void;
  /** Messages up to this number can no longer be received. */
  reread(seq: number): void;
};

/**
 * A user's messages are numbered without a gap: each is passed on once, in order, and a missing one noticed.
 */
export const createSequence = ({ seq, message, reread }: SequenceOptions) => {
  let last = seq;
  let gapAfter: number | null = null;
  return {
    last: (): number | null => last,

    /** Starts at the number that the server's welcome names. */
    begin: (received: Welcome): void => {
      const missed = last !== null && (received.reread || received.seq < last);
      if (last === null || missed) last = received.seq;
      if (missed) reread(received.seq);
    },

    /** Handles a message; false when earlier ones are missing: a new socket receives them. */
    take: (received: SocketMessage): boolean => {
      if (last === null || received.seq <= last) return true;
      if (received.seq > last + 1) {
        if (gapAfter !== last) {
          gapAfter = last;
          return false;
        }
        // The missing messages were requested once and did not come: they are lost.
        reread(received.seq);
      }
      last = received.seq;
      message(received);
      return true;
    },
  };
};
