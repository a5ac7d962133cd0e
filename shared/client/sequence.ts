import type { SocketMessage, Welcome } from '../contracts/realtime.ts';

export type SequenceOptions = {
  /** The number of the last message that was taken; null: whatever is newest at the first welcome. */
  seq: number | null;
  message(message: SocketMessage): void;
  /** Messages up to this number were missed for good. */
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

    /** Begins where the server does. */
    begin: (received: Welcome): void => {
      const missed = last !== null && (received.reread || received.seq < last);
      if (last === null || missed) last = received.seq;
      if (missed) reread(received.seq);
    },

    /** Passes a message on; false when others before it are missing, which another socket would be sent. */
    take: (received: SocketMessage): boolean => {
      if (last === null || received.seq <= last) return true;
      if (received.seq > last + 1) {
        if (gapAfter !== last) {
          gapAfter = last;
          return false;
        }
        // Asked again for what is missing, the server has left it out again.
        reread(received.seq);
      }
      last = received.seq;
      message(received);
      return true;
    },
  };
};
