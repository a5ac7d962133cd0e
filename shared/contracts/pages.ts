/** Who may see a page: signed-in users, administrators only, users without a session, or anyone. */
export type PageAccess = 'private' | 'admin' | 'signedOut' | 'anyone';

/** A page of the browser's application: its paths, the remote that shows it, and to whom. */
export type Page = { pattern: RegExp; remote: string; access: PageAccess };

/** All pages. The shell shows them; the gateway answers every other path with 404. */
export const PAGES: readonly Page[] = [
  { pattern: /^\/sign-(?:in|up)$/, remote: 'auth', access: 'signedOut' },
  { pattern: /^\/set-password$/, remote: 'auth', access: 'anyone' },
  {
    pattern: /^\/settings(?:\/(?:profile|devices|preferences|data))?$/,
    remote: 'profile',
    access: 'private',
  },
  { pattern: /^\/settings\/password$/, remote: 'auth', access: 'private' },
  { pattern: /^\/payments(?:\/[^/]+)?$/, remote: 'payments', access: 'private' },
  {
    pattern: /^\/admin(?:\/(?:approvals|audit|configuration|experience|security|micro-frontends))?$/,
    remote: 'admin',
    access: 'admin',
  },
  { pattern: /^\/admin\/users(?:\/[^/]+)?$/, remote: 'admin', access: 'admin' },
  { pattern: /^\/admin\/(?:system|dead-letters(?:\/[^/]+)?)$/, remote: 'admin', access: 'admin' },
  { pattern: /^\/admin\/payments(?:\/[^/]+)?$/, remote: 'payments', access: 'admin' },
  { pattern: /^\/reports$/, remote: 'payments', access: 'private' },
];

/** The path of the first page: it leads each user to the page where users of that role begin. */
export const FIRST_PAGE = '/';

/** A path without the slashes at its end, which make no difference; at least `/`. */
export const trimSlashes = (pathname: string): string => {
  let end = pathname.length;
  while (end > 1 && pathname[end - 1] === '/') end -= 1;
  return pathname.slice(0, end);
};

/** Whether there is a page at this path. */
export const isPagePath = (pathname: string): boolean => {
  const path = trimSlashes(pathname);
  return path === FIRST_PAGE || PAGES.some(({ pattern }) => pattern.test(path));
};
