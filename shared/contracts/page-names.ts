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
  '/admin/experience',
  '/admin/users',
  '/admin/users/new',
  '/admin/users/:id',
  '/admin/system',
  '/admin/dead-letters',
  '/admin/dead-letters/:id',
  '/admin/payments',
  '/admin/payments/:id',
];
