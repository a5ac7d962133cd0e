import { NUMBERED_MAX } from '../../shared/contracts/numbered-pages.ts';

export type Numbered = { pageNumber: number; limit: number };

/** How many rows precede a page. */
export const offsetOf = ({ pageNumber, limit }: Numbered): number => (pageNumber - 1) * limit;

/** One more than are counted, so that a list with more is known as such. */
const COUNT_LIMIT = NUMBERED_MAX + 1;

/**
 * How many rows a list has, and whether there are more than are counted. The last page shows it by itself.
 * @param count counts at most `limit` rows
 */
export const totalOf = async (
  numbered: Numbered,
  { found, isLast }: { found: number; isLast: boolean },
  count: (limit: number) => Promise<number>,
): Promise<{ total: number; more: boolean }> => {
  const shown = isLast && (found > 0 || numbered.pageNumber === 1);
  const total = shown ? offsetOf(numbered) + found : await count(COUNT_LIMIT);
  return { total: Math.min(total, NUMBERED_MAX), more: total > NUMBERED_MAX };
};
