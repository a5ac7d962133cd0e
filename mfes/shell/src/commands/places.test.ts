import { PAGES } from '../../../../shared/contracts/pages.ts';
import { PAGE_NAMES } from '../../../../shared/contracts/page-names.ts';
import { ROLES } from '../../../../shared/contracts/roles.ts';
import { viewOf } from '../routing/routes.ts';
import { placesOf } from './places.ts';

/** A page of one thing is found by that thing, and these two lead to other pages. */
const isNoPlace = (name: string): boolean => name.includes(':') || name === '/' || name === '/settings';

const isPrivate = (name: string): boolean =>
  ['private', 'admin'].includes(PAGES.find(({ pattern }) => pattern.test(name))?.access ?? '');

test('every private page is offered to some role', () => {
  const places = new Set(ROLES.flatMap((role) => placesOf(role).map(({ href }) => href)));
  expect(PAGE_NAMES.filter((name) => !isNoPlace(name) && isPrivate(name) && !places.has(name))).toEqual([]);
});

test.each(ROLES)('%s is offered only pages that this role may open, each once', (role) => {
  const hrefs = placesOf(role).map(({ href }) => href);
  expect(hrefs.filter((href) => viewOf(href, role).kind !== 'remote')).toEqual([]);
  expect(hrefs).toEqual([...new Set(hrefs)]);
  expect(hrefs.some((href) => href.startsWith('/admin'))).toBe(role === 'ADMIN');
});

test.each(ROLES)('no two shortcuts of %s are the same, and none hides a longer one', (role) => {
  const keys = placesOf(role).flatMap((place) => place.keys ?? []);
  expect(keys).toEqual([...new Set(keys)]);
  expect(keys.filter((one) => keys.some((other) => other.startsWith(`${one} `)))).toEqual([]);
});
