import { onDestroy, untrack } from 'svelte';

/** A search is asked for when nothing was typed for so long. */
const TYPING_MS = 300;

export type FilterDraft<F> = {
  /** The filters as the bar shows them now. */
  readonly now: F;
  /** Takes what is typed; the list follows after a pause. */
  type(change: Partial<F>): void;
  /** Takes a choice, with what was typed before it; the list follows at once. */
  choose(change: Partial<F>): void;
};

/**
 * What a bar of filters holds while the list still shows other filters. Call it while a component is created.
 * @param filters the filters of the address
 * @param pathOf the address of the list with these filters
 * @param onchange shows the list with these; `typing` is not worth an entry in the history
 */
export const createFilterDraft = <F extends object>(
  filters: () => F,
  pathOf: (filters: F) => string,
  onchange: (filters: F, typing: boolean) => void,
): FilterDraft<F> => {
  let draft = $state.raw(untrack(filters));
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The address that this bar has asked for, until it has come: what is typed meanwhile stays. */
  let asked = '';
  // The address may change from elsewhere: the way back, a link.
  $effect.pre(() => {
    const current = filters();
    if (pathOf(current) !== asked) draft = current;
    asked = '';
  });
  onDestroy(() => clearTimeout(timer));

  const ask = (typing: boolean): void => {
    if (pathOf(draft) === pathOf(filters())) return;
    asked = pathOf(draft);
    onchange(draft, typing);
  };
  return {
    get now() {
      return draft;
    },
    type: (change) => {
      draft = { ...draft, ...change };
      clearTimeout(timer);
      timer = setTimeout(() => ask(true), TYPING_MS);
    },
    choose: (change) => {
      clearTimeout(timer);
      draft = { ...draft, ...change };
      ask(false);
    },
  };
};
