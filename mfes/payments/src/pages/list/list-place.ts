import type { LeftPage } from './payments.svelte.ts';

/** The list as it was left, so that the way back leads to the same place. */
export type ListPlace = {
  /** The request of the page, as text. */
  asked: string;
  /** Null when the page was not shown yet. */
  page: LeftPage | null;
  scrollY: number;
  /** The payment that was opened from the list. */
  openedId: string | null;
};
