import type { ListedApproval } from '../../../../../shared/contracts/auth/approvals.ts';
import type { Role } from '../../../../../shared/contracts/roles.ts';
import type { IconName } from '../../../../../shared/ui/icons.ts';
import { ROLE_LABELS } from '../../parts/user-texts.ts';

type Outcome = ListedApproval['outcome'];
type Look = { label: string; tone: 'neutral' | 'accent' | 'success' | 'danger'; icon: IconName };

export const OUTCOMES: Record<Outcome, Look> = {
  waiting: { label: 'Waiting', tone: 'accent', icon: 'clock' },
  approved: { label: 'Approved', tone: 'success', icon: 'check' },
  rejected: { label: 'Rejected', tone: 'danger', icon: 'x' },
  withdrawn: { label: 'Withdrawn', tone: 'neutral', icon: 'x' },
  expired: { label: 'Expired', tone: 'neutral', icon: 'clock' },
};

/** `an administrator`: a role within a sentence. */
const roleText = (role: Role): string => {
  const label = ROLE_LABELS[role].toLowerCase();
  return `${/^[aeiou]/.test(label) ? 'an' : 'a'} ${label}`;
};

/** What was asked for, as a title. */
export const actText = ({
  act,
  name,
  role,
  userIds,
}: Pick<ListedApproval, 'act' | 'name' | 'role' | 'userIds'>): string => {
  if (act === 'changeSetting') return 'Change the configuration';
  if (act === 'suspendUsers' || role === null) return `Suspend ${userIds?.length ?? 0} users`;
  return act === 'inviteUser' ? `Invite ${name} as ${roleText(role)}` : `Make ${name} ${roleText(role)}`;
};

/** What approving does, as a sentence. */
export const effectText = ({ act, role }: Pick<ListedApproval, 'act' | 'role'>): string => {
  if (act === 'changeSetting') return 'The setting is changed at once, unless it was changed meanwhile.';
  if (act === 'suspendUsers' || role === null) return 'Every session of these users ends at once.';
  return act === 'inviteUser'
    ? 'The user is created at once; you get the one-time link, unless it is sent by mail.'
    : `The user is ${roleText(role)} from the next request on.`;
};
