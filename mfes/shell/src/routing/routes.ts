import type { Role } from '../../../../shared/contracts/roles.ts';
import { PAGES, FIRST_PAGE, type Page, type PageAccess } from '../../../../shared/contracts/pages.ts';

/** Where a user of this role begins. */
const homeOf = (role: Role): string => (role === 'ADMIN' ? '/admin' : '/payments');
export const SIGN_IN = '/sign-in';

export type View =
  | { kind: 'remote'; remote: string; access: PageAccess }
  | { kind: 'redirect'; to: string }
  | { kind: 'missing' };

const pathnameOf = (path: string): string => new URL(path, 'http://own').pathname;

const routeOf = (path: string): Page | undefined => {
  const pathname = pathnameOf(path);
  return PAGES.find(({ pattern }) => pattern.test(pathname));
};

/** Whether a user of this role may open the page; for all others there is none at its path. */
const isOpenTo = (role: Role, { access }: Page): boolean => access !== 'admin' || role === 'ADMIN';

/** Whether the page needs a session. */
const isPrivate = ({ access }: Page): boolean => access === 'private' || access === 'admin';

/** The remote of a path, without regard to the session. */
export const remoteOf = (path: string): string | undefined => routeOf(path)?.remote;

/** True for a path of our own pages, as opposed to the API or a file. */
export const isPage = (pathname: string): boolean =>
  !/^\/(?:api|health|mfes|assets)(?:\/|$)/.test(pathname) && !/\.\w+$/.test(pathname);

/** Where to go after signing in: only a private page of our own, never another site. */
export const nextOf = (path: string, role: Role): string => {
  const home = homeOf(role);
  const next = new URL(path, 'http://own').searchParams.get('next') ?? '';
  if (!/^\/(?![/\\])/.test(next) || !URL.canParse(next, 'http://own')) return home;
  const { origin, pathname, search } = new URL(next, 'http://own');
  const route = origin === 'http://own' ? routeOf(pathname) : undefined;
  if (route === undefined || !isPrivate(route)) return home;
  return isOpenTo(role, route) ? pathname + search : home;
};

/** What to show at a path to a user of this role, or, with null, without a session. */
export const viewOf = (path: string, role: Role | null): View => {
  if (pathnameOf(path) === FIRST_PAGE) {
    return { kind: 'redirect', to: role === null ? SIGN_IN : homeOf(role) };
  }
  const route = routeOf(path);
  if (route === undefined) return { kind: 'missing' };
  const { remote, access } = route;
  if (access === 'anyone') return { kind: 'remote', remote, access };
  if (access === 'signedOut') {
    return role === null ? { kind: 'remote', remote, access } : { kind: 'redirect', to: nextOf(path, role) };
  }
  if (role === null) {
    const next = path === homeOf('CUSTOMER') ? '' : `?next=${encodeURIComponent(path)}`;
    return { kind: 'redirect', to: SIGN_IN + next };
  }
  return isOpenTo(role, route) ? { kind: 'remote', remote, access } : { kind: 'missing' };
};
