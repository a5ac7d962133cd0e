type Shown<T> = { value: T | null; error: unknown };

export type LiveRead<T> = {
  readonly shown: Shown<T>;
  /** Reads again. An answer stays on the page when a later one fails, with the error beside it. */
  read(): Promise<void>;
  stop(): void;
};

/** A thing that is read again and again: one read at a time, and a last one for what came meanwhile. */
export const createLiveRead = <T>(ask: (signal: AbortSignal) => Promise<T>): LiveRead<T> => {
  let shown = $state.raw<Shown<T>>({ value: null, error: null });
  const asked = new AbortController();
  let reading = false;
  let again = false;
  const read = async (): Promise<void> => {
    again = reading;
    if (reading) return;
    reading = true;
    try {
      const value = await ask(asked.signal);
      if (!asked.signal.aborted) shown = { value, error: null };
    } catch (error) {
      if (!asked.signal.aborted) shown = { ...shown, error };
    }
    reading = false;
    if (again && !asked.signal.aborted) await read();
  };
  return {
    get shown() {
      return shown;
    },
    read,
    stop: () => asked.abort(),
  };
};
