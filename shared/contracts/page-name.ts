import { FIRST_PAGE, PAGES, trimSlashes } from './pages.ts';

/** What has no name of its own: an unknown page, route or version. */
export const OTHER = 'other';

/** The name of the page at a path, with `:id` for an id in it; `other` where there is none. */
export const pageNameOf = (pathname: string): string => {
  const path = trimSlashes(pathname);
  const page = PAGES.find(({ pattern }) => pattern.test(path));
  if (!page) return path === FIRST_PAGE ? path : OTHER;
  const [last = ''] = /[^/]+$/.exec(path) ?? [];
  const parent = path.slice(0, -last.length);
  // Where any word may stand, it is an id.
  return last !== 'new' && page.pattern.test(`${parent}~`) ? `${parent}:id` : path;
};
