import type { IconName } from '../../../../shared/ui/icons.ts';

export type AdminPlace = { href: string; icon: IconName; label: string };

/** The pages between which administrators move. */
export const ADMIN_PLACES: readonly AdminPlace[] = [
  { href: '/admin', icon: 'activity', label: 'Overview' },
  { href: '/admin/payments', icon: 'card', label: 'Payments' },
  { href: '/reports', icon: 'chart', label: 'Reports' },
  { href: '/admin/users', icon: 'user', label: 'Users' },
  { href: '/admin/approvals', icon: 'check-circle', label: 'Approvals' },
  { href: '/admin/configuration', icon: 'sliders', label: 'Configuration' },
  { href: '/admin/security', icon: 'lock', label: 'Security' },
  { href: '/admin/audit', icon: 'clock', label: 'Audit log' },
  { href: '/admin/system', icon: 'monitor', label: 'System' },
  { href: '/admin/dead-letters', icon: 'inbox', label: 'Dead letters' },
  { href: '/admin/experience', icon: 'eye', label: 'Experience' },
  { href: '/admin/micro-frontends', icon: 'code', label: 'Micro-frontends' },
];

/** The place that a page belongs to: one user is one of the users; only the overview has nothing below it. */
export const placeOf = (pathname: string): AdminPlace | undefined =>
  ADMIN_PLACES.find(
    ({ href }) => pathname === href || (href !== '/admin' && pathname.startsWith(`${href}/`)),
  );
