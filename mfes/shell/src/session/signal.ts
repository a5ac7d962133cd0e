export type Signal = {
  /** Calls the listener each time; returns the function that stops it. */
  on(listener: () => void): () => void;
  notify(): void;
};

/** A list of listeners. An error in one does not affect the others. */
export const createSignal = (): Signal => {
  const listeners = new Set<() => void>();
  return {
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notify: () => {
      for (const listener of [...listeners]) {
        try {
          listener();
        } catch (error) {
          reportError(error);
        }
      }
    },
  };
};
