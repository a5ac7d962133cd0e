import { whenIdle } from '../live/when-idle.ts';
import type Measuring from './Measuring.svelte';

/** What asks and measures, once it is loaded. */
export const measuring = $state<{ Part: typeof Measuring | null }>({ Part: null });

/** Loads it when the page has what it needs for itself. */
export const subscribeMeasuring = (): (() => void) => {
  whenIdle(() => {
    // A page that is not measured works as any other.
    import('./Measuring.svelte').then(({ default: Part }) => (measuring.Part = Part)).catch(() => {});
  });
  return () => (measuring.Part = null);
};
