import type { Payload } from './sender-check.ts';

/** On which of its connections each process has last introduced itself. */
export type Sessions = {
  /** Whether a process that is known introduces itself on a new connection. */
  isNew(introduction: Payload): boolean;
  forget(nodeId: string): void;
};

export const sessions = (): Sessions => {
  const known = new Map<string, unknown>();
  return {
    isNew: ({ sender, metadata }) => {
      const before = known.get(sender);
      known.set(sender, metadata?.session);
      return before !== undefined && before !== metadata?.session;
    },
    forget: (nodeId) => void known.delete(nodeId),
  };
};
