import type { Command } from './command.ts';

const KEPT = 5;

/**
 * The things that a user chose last, newest first. They may be private, so they live in memory only, and a
 * change of the user drops them.
 */
export const createRecent = <Item extends { id: string }>(max: number) => {
  let owner = '';
  let items: Item[] = [];
  const of = (userId: string): readonly Item[] => {
    if (owner !== userId) items = [];
    owner = userId;
    return items;
  };
  return {
    of,
    add: (userId: string, item: Item): void => {
      items = [item, ...of(userId).filter(({ id }) => id !== item.id)].slice(0, max);
    },
  };
};

/** What the user has chosen in the palette since the page was loaded. */
export const recent = createRecent<Command>(KEPT);
