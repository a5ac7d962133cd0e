import type { UserState } from '../../../../shared/contracts/auth/fields.ts';
import type { Role } from '../../../../shared/contracts/roles.ts';
import type { IconName } from '../../../../shared/ui/icons.ts';

export const ROLE_LABELS: Record<Role, string> = {
  CUSTOMER: 'Customer',
  VENDOR: 'Vendor',
  ADMIN: 'Administrator',
};

export const STATE_LABELS: Record<UserState, string> = {
  active: 'Active',
  invited: 'Invited',
  suspended: 'Suspended',
  closed: 'Closed',
};

type Look = { tone: 'neutral' | 'accent' | 'success' | 'warning'; icon: IconName };

export const STATE_LOOKS: Record<UserState, Look> = {
  active: { tone: 'success', icon: 'check' },
  invited: { tone: 'accent', icon: 'clock' },
  suspended: { tone: 'warning', icon: 'ban' },
  closed: { tone: 'neutral', icon: 'x' },
};
