import { flushSync } from 'svelte';

let atMs = $state<number>();

// The browser prints what is drawn when this event has been handled.
addEventListener('beforeprint', () => flushSync(() => (atMs = Date.now())));
addEventListener('afterprint', () => (atMs = undefined));

/** When the page that is being printed was; undefined while none is. */
export const printedAtMs = (): number | undefined => atMs;
