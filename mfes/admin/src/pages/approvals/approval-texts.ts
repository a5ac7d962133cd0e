import type { ListedApproval } from '../../../../../shared/contracts/auth/approvals.ts';
import type { Role } from '../../../../../shared/contracts/roles.ts';
import type { IconName } from '../../../../../shared/ui/icons.ts';
import { askedText } from '../../parts/setting-texts.ts';
import { ROLE_LABELS } from '../../parts/user-texts.ts';

/** The first letter as a capital. */
const begun = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

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

type Asked = Pick<ListedApproval, 'act' | 'name' | 'role' | 'userIds' | 'setting'>;

/** What was asked for, as a title. */
export const actText = ({ act, name, role, userIds, setting }: Asked, locale: string): string => {
  if (act === 'changeSetting') {
    if (setting === null) return 'Change the configuration';
    return begun(askedText({ ...setting, after: setting.value }, locale));
  }
  if (act === 'suspendUsers' || role === null) {
    const count = userIds?.length ?? 0;
    return `Suspend ${count} ${count === 1 ? 'user' : 'users'}`;
  }
  return act === 'inviteUser' ? `Invite ${name} as ${roleText(role)}` : `Make ${name} ${roleText(role)}`;
};

/** What approving does, as a sentence. */
export const effectText = ({ act, role }: Pick<ListedApproval, 'act' | 'role'>): string => {
  if (act === 'changeSetting')
    return 'It is changed at once, unless another administrator has changed it meanwhile.';
  if (act === 'suspendUsers' || role === null)
    return 'Their sessions end at once, they cannot sign in, and vendors among them cannot be paid.';
  return act === 'inviteUser'
    ? 'The user is created at once; you get the one-time link, unless it is sent by mail.'
    : `The user is ${roleText(role)} from the next request on.`;
};
