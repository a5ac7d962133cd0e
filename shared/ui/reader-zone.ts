import { createSubscriber } from 'svelte/reactivity';
import { isTimeZone } from '../contracts/time-zones.ts';

/**
 * The reader's time zone stands on the document: the shell and each micro-frontend have a copy of this
 * module, and all of them show the same times.
 */
const CHANGED = 'payloom:time-zone';
const rootOf = (): HTMLElement | null => (typeof document === 'undefined' ? null : document.documentElement);

const subscribe = createSubscriber((update) => {
  addEventListener(CHANGED, update);
  return () => removeEventListener(CHANGED, update);
});

/**
 * The time zone that the reader has chosen, an IANA name; undefined for the device's own. Effects and
 * templates that read it run again when it changes.
 */
export const readerZone = (): string | undefined => {
  const root = rootOf();
  if (root === null) return undefined;
  subscribe();
  return root.dataset['timeZone'];
};

/** Sets it on all pages of this tab; a zone that this browser does not know is the device's own. */
export const setReaderZone = (zone: string): void => {
  const root = rootOf();
  const known = isTimeZone(zone) ? zone : undefined;
  if (root === null || root.dataset['timeZone'] === known) return;
  if (known === undefined) delete root.dataset['timeZone'];
  else root.dataset['timeZone'] = known;
  dispatchEvent(new Event(CHANGED));
};
