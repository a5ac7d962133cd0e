import { addPosition, FIRST_PAGE, type Position } from '../../../../../shared/client/page-history.ts';
import type { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type { ParamsOf } from '../../../../../shared/contracts/contract.ts';

type LetterListParams = ParamsOf<typeof admin.actions.deadLetters>;

/** What the filter bar holds and the address has; '' is "any". */
export type LetterFilters = { q: string; service: string; event: string };

export const NO_FILTERS: LetterFilters = { q: '', service: '', event: '' };

const SEARCH_MIN_LENGTH = 2;
const PAGE_SIZE = 25;
const LIST = '/admin/dead-letters';

const textIn = (search: URLSearchParams, name: string, maxLength: number): string =>
  (search.get(name) ?? '').slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');

/** Reads the filters of an address. */
export const filtersOf = (search: URLSearchParams): LetterFilters => ({
  q: textIn(search, 'q', 200),
  service: textIn(search, 'service', 50),
  event: textIn(search, 'event', 100),
});

/** The address of the list with these filters; what is not set stays out of it. */
export const listPath = (filters: LetterFilters, position: Position = FIRST_PAGE): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) if (value !== '') search.set(name, value);
  addPosition(search, position);
  return search.size === 0 ? LIST : `${LIST}?${search}`;
};

export const letterPath = (id: string): string => `${LIST}/${encodeURIComponent(id)}`;

/** The id in the path of one dead letter; an escape that is none stays as it is. */
export const idOf = (path: string): string => {
  const last = (path.split(/[?#]/)[0] ?? '').split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
};

/** Why what is typed is not searched for; undefined when it is. */
export const searchProblem = ({ q }: LetterFilters): string | undefined => {
  const { length } = q.trim();
  return length > 0 && length < SEARCH_MIN_LENGTH
    ? `Type at least ${SEARCH_MIN_LENGTH} characters to search.`
    : undefined;
};

/** What the filters ask the server for, without a page. */
export const filterParams = (filters: LetterFilters): Omit<LetterListParams, 'limit' | 'cursor'> => {
  const [q, service, event] = [filters.q.trim(), filters.service.trim(), filters.event.trim()];
  return {
    ...(q !== '' && searchProblem(filters) === undefined && { q }),
    ...(service !== '' && { service }),
    ...(event !== '' && { event }),
  };
};

export const listParamsOf = (filters: LetterFilters, position: Position): LetterListParams => ({
  limit: PAGE_SIZE,
  ...filterParams(filters),
  ...(position.cursor && { cursor: position.cursor }),
});

export const showsAll = ({ q, service, event }: LetterFilters): boolean =>
  q.trim() === '' && service === '' && event === '';
