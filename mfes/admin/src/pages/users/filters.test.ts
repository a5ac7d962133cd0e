import { FIRST_PAGE } from '../../../../../shared/client/page-history.ts';
import { filtersOf, listParamsOf, listPath, NO_FILTERS, searchProblem, showsNewest } from './filters.ts';
import type { UserFilters } from './filters.ts';

const FULL: UserFilters = { q: 'Ada & Bob', role: 'VENDOR', state: 'suspended', sort: '-name' };
const searchOf = (path: string) => new URL(path, 'http://localhost').searchParams;

it('an address holds exactly the filters, and reads back as them', () => {
  expect(listPath(NO_FILTERS)).toBe('/admin/users');
  expect(filtersOf(searchOf(listPath(FULL)))).toEqual(FULL);
  expect(listPath(FULL, { cursor: 'c2', page: 2 })).toMatch(/&cursor=c2&page=2$/);
});

it('ignores what is not valid in an address', () => {
  const search = searchOf('/admin/users?role=GOD&state=toString&sort=age&q=');
  expect(filtersOf(search)).toEqual(NO_FILTERS);
});

it('asks for what is set, and searches only with three characters', () => {
  expect(listParamsOf(FULL, { cursor: 'c2', page: 2 })).toEqual({ limit: 25, ...FULL, cursor: 'c2' });
  const short = { ...NO_FILTERS, q: ' ab ' };
  expect(searchProblem(short)).toMatch('at least 3');
  expect(listParamsOf(short, FIRST_PAGE)).toEqual({ limit: 25, sort: '-createdAt' });
});

it('new users belong on top of the first page of all, newest first, only', () => {
  expect(showsNewest(NO_FILTERS, FIRST_PAGE)).toBe(true);
  expect(showsNewest({ ...NO_FILTERS, sort: 'name' }, FIRST_PAGE)).toBe(false);
  expect(showsNewest({ ...NO_FILTERS, role: 'ADMIN' }, FIRST_PAGE)).toBe(false);
  expect(showsNewest(NO_FILTERS, { cursor: 'c2', page: 2 })).toBe(false);
});
