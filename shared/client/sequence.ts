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
    begin: (told: Welcome): void => {
      const missed = last !== null && (told.reread || told.seq < last);
      if (last === null || missed) last = told.seq;
      if (missed) reread(told.seq);
    },

    /** Passes a message on; false when others before it are missing, which another socket would be sent. */
    take: (told: SocketMessage): boolean => {
      if (last === null || told.seq <= last) return true;
      if (told.seq > last + 1) {
        if (gapAfter !== last) {
          gapAfter = last;
          return false;
        }
        // Asked again for what is missing, the server has left it out again.
        reread(told.seq);
      }
      last = told.seq;
      message(told);
      return true;
    },
  };
};
