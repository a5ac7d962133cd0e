import { trimSlashes } from './pages.ts';

/**
 * The pages by the names under which figures are kept: `:id` is any one segment. A test compares them with
 * PAGES.
 */
export const PAGE_NAMES = [
  '/',
  '/sign-in',
  '/sign-up',
  '/set-password',
  '/settings',
  '/settings/profile',
  '/settings/devices',
  '/settings/preferences',
  '/settings/data',
  '/settings/password',
  '/payments',
  '/payments/new',
  '/payments/:id',
  '/reports',
  '/admin',
  '/admin/approvals',
  '/admin/audit',
  '/admin/security',
  '/admin/micro-frontends',
  '/admin/users',
  '/admin/users/new',
  '/admin/users/:id',
  '/admin/system',
  '/admin/dead-letters',
  '/admin/dead-letters/:id',
  '/admin/payments',
  '/admin/payments/:id',
];

/** What has no name of its own: an unknown page, route or version. */
export const OTHER = 'other';

/** The name of the page at a path, without the ids in it; `other` where there is none. */
export const pageNameOf = (pathname: string): string => {
  const path = trimSlashes(pathname);
  if (PAGE_NAMES.includes(path)) return path;
  const template = path.replace(/[^/]+$/, ':id');
  return PAGE_NAMES.includes(template) ? template : OTHER;
};
