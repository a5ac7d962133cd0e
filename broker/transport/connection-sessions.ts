import type { Payload } from './sender.ts';

/** The connection on which each process last announced itself: a random id in its node information. */
export type Sessions = {
  /** Whether a known process announces itself on a new connection. */
  isNew(announcement: Payload): boolean;
  delete(nodeId: string): void;
};

export const connectionSessions = (): Sessions => {
  const known = new Map<string, unknown>();
  return {
    isNew: ({ sender, metadata }) => {
      const before = known.get(sender);
      known.set(sender, metadata?.session);
      return before !== undefined && before !== metadata?.session;
    },
    delete: (nodeId) => void known.delete(nodeId),
  };
};
