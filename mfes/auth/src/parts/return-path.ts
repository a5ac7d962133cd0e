const HOME = '/';
const SELF = 'http://self.invalid';

/**
 * Where to go after signing in: the `next` of the query when it is a path of our own pages, else home.
 * Browsers read `//host`, `/\host` and paths with tabs in them as other sites, so the URL parser decides.
 */
export const nextOf = (path: string): string => {
  const next = new URL(path, SELF).searchParams.get('next');
  if (!next?.startsWith('/') || !URL.canParse(next, SELF)) return HOME;
  const { origin, pathname, search, hash } = new URL(next, SELF);
  const isOurs = origin === SELF && !pathname.startsWith('//') && !/^\/sign-(in|up)\b/.test(pathname);
  return isOurs ? pathname + search + hash : HOME;
};

/** A link to another page before sign-in that keeps where to go afterwards. */
export const withNext = (page: '/sign-in' | '/sign-up', path: string): string => {
  const next = nextOf(path);
  return next === HOME ? page : `${page}?next=${encodeURIComponent(next)}`;
};
