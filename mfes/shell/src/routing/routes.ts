import type { Role } from '../../../../shared/contracts/roles.ts';
import { PAGES, FIRST_PAGE, type Page, type PageAccess } from '../../../../shared/contracts/pages.ts';

const HOME = '/payments';
/** Where a user of this role begins. */
const homeOf = (role: Role): string => (role === 'ADMIN' ? FIRST_PAGE : HOME);
export const SIGN_IN = '/sign-in';

export type View =
  | { kind: 'remote'; remote: string; access: PageAccess }
  | { kind: 'redirect'; to: string }
  | { kind: 'overview' }
  | { kind: 'missing' };

const pathnameOf = (path: string): string => new URL(path, 'http://own').pathname;

const routeOf = (path: string): Page | undefined => {
  const pathname = pathnameOf(path);
  return PAGES.find(({ pattern }) => pattern.test(pathname));
};

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
  return origin === 'http://own' && routeOf(pathname)?.access === 'private' ? pathname + search : home;
};

const firstView = (role: Role | null): View => {
  if (role === null) return { kind: 'redirect', to: SIGN_IN };
  const home = homeOf(role);
  return home === FIRST_PAGE ? { kind: 'overview' } : { kind: 'redirect', to: home };
};

/** What to show at a path to a user of this role, or, with null, without a session. */
export const viewOf = (path: string, role: Role | null): View => {
  if (pathnameOf(path) === FIRST_PAGE) return firstView(role);
  const route = routeOf(path);
  if (route === undefined) return { kind: 'missing' };
  if (route.access === 'private' && role === null) {
    const next = path === HOME ? '' : `?next=${encodeURIComponent(path)}`;
    return { kind: 'redirect', to: SIGN_IN + next };
  }
  if (route.access === 'signedOut' && role !== null) return { kind: 'redirect', to: nextOf(path, role) };
  return { kind: 'remote', remote: route.remote, access: route.access };
};
