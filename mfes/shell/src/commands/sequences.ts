/** Longer apart than this, two keys are no longer one shortcut. */
const WINDOW_MS = 1_500;

/** Shortcuts of one key, or of two that are pressed one after the other: `?`, `g p`. */
export const createSequences = () => {
  let first = '';
  let firstAtMs = 0;
  return {
    /**
     * Takes a key, and returns the shortcut that it completes, or null.
     * @param atMs when it was pressed, on any clock that only grows
     * @param shortcuts those that mean something now
     */
    press: (key: string, atMs: number, shortcuts: readonly string[]): string | null => {
      const isPair = first !== '' && atMs - firstAtMs <= WINDOW_MS;
      const pair = `${first} ${key}`;
      first = '';
      if (isPair && shortcuts.includes(pair)) return pair;
      if (shortcuts.includes(key)) return key;
      if (shortcuts.some((one) => one.startsWith(`${key} `))) {
        first = key;
        firstAtMs = atMs;
      }
      return null;
    },
  };
};
