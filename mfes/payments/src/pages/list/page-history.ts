import { FIRST_PAGE } from './filters.ts';
import type { Position } from './filters.ts';

/**
 * The cursors of earlier pages. Cursors only lead forward, so earlier ones are kept: `cursors[0]` is page
 * 2's, and so on, for one set of filters (`list`).
 */
export type PageHistory = { list: string; cursors: string[] };

/** The history after going from a page to the next one. */
export const historyAfter = (history: PageHistory | null, list: string, next: Position): PageHistory => {
  const known = history?.list === list ? history.cursors.slice(0, next.page - 2) : [];
  return { list, cursors: [...known, ...Array(next.page - 2 - known.length).fill(''), next.cursor] };
};

/** The previous page; the first page when it is unknown (an address from elsewhere). */
export const previousPosition = (history: PageHistory | null, list: string, { page }: Position): Position => {
  const cursor = history?.list === list ? (history.cursors[page - 3] ?? '') : '';
  return page <= 2 || cursor === '' ? FIRST_PAGE : { cursor, page: page - 1 };
};

const STORAGE_KEY = 'payloom-payments-history';

/** The page history of this tab; null without one or without storage. */
export const readHistory = (): PageHistory | null => {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? 'null');
    const history = value as Partial<PageHistory> | null;
    return typeof history?.list === 'string' && Array.isArray(history.cursors)
      ? (history as PageHistory)
      : null;
  } catch {
    return null;
  }
};

export const writeHistory = (history: PageHistory): void => {
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(history));
  } catch {
    // Without storage the way back leads to the first page.
  }
};
