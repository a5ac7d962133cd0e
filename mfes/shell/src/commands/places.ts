import type { Role } from '../../../../shared/contracts/roles.ts';
import type { IconName } from '../../../../shared/ui/icons.ts';
import { ADMIN_PLACES } from '../layout/admin-places.ts';
import { viewOf } from '../routing/routes.ts';

/** A page that can be gone to by name. `keys` are pressed one after the other; `words` also name it. */
export type Place = {
  href: string;
  icon: IconName;
  label: string;
  keys?: string | undefined;
  words?: string;
  roles?: readonly Role[];
};

const PAYERS: readonly Role[] = ['CUSTOMER', 'VENDOR'];

const OWN_PLACES: readonly Place[] = [
  { href: '/payments', icon: 'card', label: 'Payments', keys: 'g p', words: 'list history', roles: PAYERS },
  {
    href: '/payments/new',
    icon: 'arrow-up-right',
    label: 'Pay someone',
    keys: 'n',
    words: 'new payment send money',
    roles: PAYERS,
  },
  { href: '/reports', icon: 'chart', label: 'Reports', keys: 'g r', words: 'sums csv', roles: ['VENDOR'] },
  { href: '/settings/profile', icon: 'user', label: 'Profile', keys: 'g s', words: 'settings name avatar' },
  { href: '/settings/devices', icon: 'monitor', label: 'Devices', keys: 'g d', words: 'settings sessions' },
  {
    href: '/settings/preferences',
    icon: 'sliders',
    label: 'Preferences',
    words: 'settings language time zone currency notifications theme',
  },
  {
    href: '/settings/data',
    icon: 'inbox',
    label: 'Your data',
    words: 'settings export close delete account privacy',
  },
  { href: '/settings/password', icon: 'lock', label: 'Change password', words: 'settings security' },
];

const ADMIN_KEYS: Readonly<Record<string, string>> = {
  '/admin': 'g o',
  '/admin/payments': 'g p',
  '/reports': 'g r',
  '/admin/users': 'g u',
  '/admin/approvals': 'g v',
  '/admin/configuration': 'g c',
  '/admin/audit': 'g a',
  '/admin/system': 'g y',
};

const ADMINS_OWN: readonly Place[] = [
  ...ADMIN_PLACES.map((place) => ({ ...place, keys: ADMIN_KEYS[place.href] })),
  { href: '/admin/users/new', icon: 'user', label: 'Invite a user', words: 'new account' },
];

/** The pages that a user of this role may open, without those of a single thing. */
export const placesOf = (role: Role): Place[] =>
  [...(role === 'ADMIN' ? ADMINS_OWN : []), ...OWN_PLACES].filter(
    ({ href, roles }) => (roles?.includes(role) ?? true) && viewOf(href, role).kind === 'remote',
  );
