import { createSubscriber } from 'svelte/reactivity';

const TICK_MS = 30_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  return () => clearInterval(timer);
});

/** The present time in milliseconds; effects and templates that read it run again twice a minute. */
export const now = (): number => {
  subscribe();
  return Date.now();
};
