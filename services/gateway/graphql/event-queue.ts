/** Events that wait to be read, in order. */
export type EventQueue<T> = {
  push(event: T): void;
  /** Ends the queue after what waits, or at once with an error. Further calls change nothing. */
  end(error?: Error): void;
  events(): AsyncGenerator<T, void, void>;
};

/** A queue of at most `max` events; a reader that leaves more waiting is refused with `tooSlow`. */
export const eventQueue = <T>(max: number, tooSlow: () => Error): EventQueue<T> => {
  const waiting: T[] = [];
  let ended: { error: Error | undefined } | null = null;
  let wake = (): void => undefined;
  const end = (error?: Error): void => {
    ended ??= { error };
    wake();
  };
  return {
    push: (event) => {
      if (ended) return;
      if (waiting.push(event) > max) end(tooSlow());
      wake();
    },
    end,
    events: async function* () {
      for (;;) {
        if (ended?.error) throw ended.error;
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
};
