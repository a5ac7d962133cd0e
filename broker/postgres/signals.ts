/** Tellings within this time are one. */
const DELAY_MS = 5;

/** What a signal is about, as the teller names it; null when it may be anything. */
export type About = ReadonlySet<string> | null;
export type Told = ReadonlyMap<string, ReadonlySet<string>>;

/** Collects names, and what each is about, for some time and then gives them away together. */
export const batch = (delayMs: number, give: (told: Told) => void) => {
  let told = new Map<string, Set<string>>();
  return (name: string, about = ''): void => {
    if (told.size === 0) {
      setTimeout(() => {
        const all = told;
        told = new Map();
        give(all);
      }, delayMs).unref();
    }
    const known = told.get(name) ?? new Set();
    told.set(name, known.add(about));
  };
};

export type Signals = {
  tell: (name: string, about?: string) => void;
  hear: (name: string, heard: (about: About) => void) => void;
  /** Tells at once. */
  tellNow: (name: string, about: About) => void;
  /** All names that somebody hears. */
  names: () => string[];
};

/** Signals within this process. */
export const openSignals = (): Signals => {
  const heardBy = new Map<string, ((about: About) => void)[]>();
  const tellNow: Signals['tellNow'] = (name, about) => heardBy.get(name)?.forEach((heard) => heard(about));
  return {
    tell: batch(DELAY_MS, (told) => told.forEach((about, name) => tellNow(name, about))),
    tellNow,
    hear: (name, heard) => heardBy.set(name, [...(heardBy.get(name) ?? []), heard]),
    names: () => [...heardBy.keys()],
  };
};
