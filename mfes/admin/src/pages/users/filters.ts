import { addPosition, FIRST_PAGE, type Position } from '../../../../../shared/client/page-history.ts';
import type { UserState } from '../../../../../shared/contracts/auth/fields.ts';
import type { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { ParamsOf } from '../../../../../shared/contracts/contract.ts';
import type { Role } from '../../../../../shared/contracts/roles.ts';
import { ROLE_LABELS, STATE_LABELS } from '../../parts/user-texts.ts';

export type UserListParams = ParamsOf<typeof auth.actions.users>;
type Sort = NonNullable<UserListParams['sort']>;

/** What the filter bar holds and the address has; '' is "any". */
export type UserFilters = { q: string; role: Role | ''; state: UserState | ''; sort: Sort };

export const NO_FILTERS: UserFilters = { q: '', role: '', state: '', sort: '-createdAt' };

export const SORT_LABELS: Record<Sort, string> = {
  '-createdAt': 'Newest first',
  createdAt: 'Oldest first',
  name: 'Name, A to Z',
  '-name': 'Name, Z to A',
  email: 'E-mail address, A to Z',
  '-email': 'E-mail address, Z to A',
};

const SEARCH_MIN_LENGTH = 3;
const PAGE_SIZE = 25;
const LIST = '/admin/users';

const keyOf = <K extends string>(labels: Record<K, string>, text: string | null): K | '' =>
  text !== null && Object.hasOwn(labels, text) ? (text as K) : '';

/** Reads the filters of an address; invalid ones are ignored. */
export const filtersOf = (search: URLSearchParams): UserFilters => ({
  // An emoji that the limit cuts in two is left out.
  q: (search.get('q') ?? '').slice(0, 100).replace(/[\ud800-\udbff]$/, ''),
  role: keyOf(ROLE_LABELS, search.get('role')),
  state: keyOf(STATE_LABELS, search.get('state')),
  sort: keyOf(SORT_LABELS, search.get('sort')) || NO_FILTERS.sort,
});

/** The address of the list with these filters; what is not set stays out of it. */
export const listPath = (filters: UserFilters, position: Position = FIRST_PAGE): string => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(filters)) {
    if (value !== NO_FILTERS[key as keyof UserFilters]) search.set(key, value);
  }
  addPosition(search, position);
  return search.size === 0 ? LIST : `${LIST}?${search}`;
};

/** Why what is typed is not searched for; undefined when it is. */
export const searchProblem = ({ q }: UserFilters): string | undefined => {
  const { length } = q.trim();
  return length > 0 && length < SEARCH_MIN_LENGTH
    ? `Type at least ${SEARCH_MIN_LENGTH} characters to search.`
    : undefined;
};

/** What to ask the server for. */
export const listParamsOf = (filters: UserFilters, position: Position): UserListParams => {
  const { q, role, state, sort } = filters;
  return {
    limit: PAGE_SIZE,
    sort,
    ...(q.trim() && searchProblem(filters) === undefined && { q: q.trim() }),
    ...(role && { role }),
    ...(state && { state }),
    ...(position.cursor && { cursor: position.cursor }),
  };
};

/** True when nothing narrows the list. */
export const showsAll = ({ q, role, state }: UserFilters): boolean => !q.trim() && !role && !state;

/** True for the page that every new user belongs to, on top. */
export const showsNewest = (filters: UserFilters, { page }: Position): boolean =>
  showsAll(filters) && filters.sort === NO_FILTERS.sort && page === 1;
