import type { SeenCall } from '../client/client.ts';
import type { Sample } from '../contracts/analytics.ts';

/** What happens in this tab, with times of `performance.now()`. */
export type Observed =
  | { kind: 'called'; call: SeenCall }
  | { kind: 'opened'; path: string; atMs: number }
  | { kind: 'thrown'; atMs: number }
  /** Something that is measured where it happens. */
  | { kind: 'measured'; sample: Sample };

const EARLY_MAX = 200;
const early: Observed[] = [];
let listener: ((what: Observed) => void) | null = null;

/** Passes on what happened, or keeps the first of it until someone listens. */
export const observed = (what: Observed): void => {
  if (listener) listener(what);
  else if (early.length < EARLY_MAX) early.push(what);
};

/** Drops what waits for a listener: it is of a user who has gone without an answer. */
export const dropObserved = (): void => void early.splice(0);

/** Receives what has happened since the page was opened, and all that follows. */
export const listen = (next: (what: Observed) => void): void => {
  listener = next;
  early.splice(0).forEach(next);
};
