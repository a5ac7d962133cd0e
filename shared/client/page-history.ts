/** Where in a list the reader is: the cursor of the page shown and its number. */
export type Position = { cursor: string; page: number };

export const FIRST_PAGE: Position = { cursor: '', page: 1 };

/** Reads the page of an address; one without a cursor is the first. */
export const positionOf = (search: URLSearchParams): Position => {
  const cursor = search.get('cursor') ?? '';
  const page = Number(search.get('page'));
  if (cursor === '') return FIRST_PAGE;
  return { cursor, page: Number.isSafeInteger(page) && page > 1 ? page : 2 };
};

/** Adds the page to an address's query; the first page adds nothing. */
export const addPosition = (search: URLSearchParams, { cursor, page }: Position): void => {
  if (cursor === '') return;
  search.set('cursor', cursor);
  search.set('page', String(page));
};

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

const keyOf = (table: string): string => `payloom-${table}-history`;

/** The page history of a table in this tab; null without one or without storage. */
export const readHistory = (table: string): PageHistory | null => {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(keyOf(table)) ?? 'null');
    const history = value as Partial<PageHistory> | null;
    return typeof history?.list === 'string' && Array.isArray(history.cursors)
      ? (history as PageHistory)
      : null;
  } catch {
    return null;
  }
};

export const writeHistory = (table: string, history: PageHistory): void => {
  try {
    sessionStorage.setItem(keyOf(table), JSON.stringify(history));
  } catch {
    // Without storage the way back leads to the first page.
  }
};
