import { FIRST_PAGE } from './filters.ts';
import type { Position } from './filters.ts';

/**
 * The cursors behind the reader. Cursors only lead forward, so the way back is remembered: `cursors[0]`
 * is page 2's, and so on, for one set of filters (`list`).
 */
export type Trail = { list: string; cursors: string[] };

/** The trail after going from a page to the next one. */
export const trailAfter = (trail: Trail | null, list: string, next: Position): Trail => {
  const known = trail?.list === list ? trail.cursors.slice(0, next.page - 2) : [];
  return { list, cursors: [...known, ...Array(next.page - 2 - known.length).fill(''), next.cursor] };
};

/** The page before this one; the first page when the way was never walked (an address from elsewhere). */
export const previousPosition = (trail: Trail | null, list: string, { page }: Position): Position => {
  const cursor = trail?.list === list ? (trail.cursors[page - 3] ?? '') : '';
  return page <= 2 || cursor === '' ? FIRST_PAGE : { cursor, page: page - 1 };
};

const STORAGE_KEY = 'payloom-payments-trail';

/** The trail of this tab; null when there is none or the browser keeps nothing. */
export const readTrail = (): Trail | null => {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? 'null');
    const trail = value as Partial<Trail> | null;
    return typeof trail?.list === 'string' && Array.isArray(trail.cursors) ? (trail as Trail) : null;
  } catch {
    return null;
  }
};

export const writeTrail = (trail: Trail): void => {
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(trail));
  } catch {
    // Without storage the way back leads to the first page.
  }
};
