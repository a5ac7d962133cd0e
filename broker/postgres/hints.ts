/** Tellings within this time are one. */
const DELAY_MS = 5;

/** Collects names for some time and then gives them away together. */
export const collector = (delayMs: number, give: (names: string[]) => void) => {
  const names = new Set<string>();
  return (name: string): void => {
    if (names.size === 0) {
      setTimeout(() => {
        const all = [...names];
        names.clear();
        give(all);
      }, delayMs).unref();
    }
    names.add(name);
  };
};

export type Hints = {
  tell: (name: string) => void;
  hear: (name: string, heard: () => void) => void;
  /** Tells at once. */
  tellNow: (name: string) => void;
  /** All names that somebody hears. */
  names: () => string[];
};

/** Hints within this process. */
export const openHints = (): Hints => {
  const heardBy = new Map<string, (() => void)[]>();
  const tellNow = (name: string): void => heardBy.get(name)?.forEach((heard) => heard());
  return {
    tell: collector(DELAY_MS, (names) => names.forEach(tellNow)),
    tellNow,
    hear: (name, heard) => heardBy.set(name, [...(heardBy.get(name) ?? []), heard]),
    names: () => [...heardBy.keys()],
  };
};
