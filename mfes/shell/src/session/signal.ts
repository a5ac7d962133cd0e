export type Signal = {
  /** Calls the listener each time; returns the function that stops it. */
  on(listener: () => void): () => void;
  tell(): void;
};

/** A list of listeners. One that throws does not keep the others from hearing. */
export const createSignal = (): Signal => {
  const listeners = new Set<() => void>();
  return {
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: () => {
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
