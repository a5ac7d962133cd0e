import { outsideRequests } from '../calls/request-context.ts';

/** Signals within this time are combined. */
const DELAY_MS = 5;

/** The subjects of a signal; null when it may be anything. */
export type About = ReadonlySet<string> | null;
export type Batch = ReadonlyMap<string, ReadonlySet<string>>;

/** Collects names with their subjects for some time, then passes them on together. */
export const batch = (delayMs: number, give: (pending: Batch) => void) => {
  let pending = new Map<string, Set<string>>();
  return (name: string, about = ''): void => {
    if (pending.size === 0) {
      const giveAll = (): void => {
        const all = pending;
        pending = new Map();
        give(all);
      };
      outsideRequests(() => setTimeout(giveAll, delayMs)).unref();
    }
    const known = pending.get(name) ?? new Set();
    pending.set(name, known.add(about));
  };
};

export type Signals = {
  send: (name: string, about?: string) => void;
  subscribe: (name: string, callback: (about: About) => void) => void;
  /** Calls the subscribers at once. */
  emit: (name: string, about: About) => void;
  /** All names with subscribers. */
  names: () => string[];
};

/** Signals within this process. */
export const openSignals = (): Signals => {
  const subscribers = new Map<string, ((about: About) => void)[]>();
  const emit: Signals['emit'] = (name, about) =>
    subscribers.get(name)?.forEach((callback) => callback(about));
  return {
    send: batch(DELAY_MS, (pending) => pending.forEach((about, name) => emit(name, about))),
    emit,
    subscribe: (name, callback) => subscribers.set(name, [...(subscribers.get(name) ?? []), callback]),
    names: () => [...subscribers.keys()],
  };
};
