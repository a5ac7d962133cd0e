import type { AskedSetting } from '../../../shared/contracts/auth/approvals.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import type { AskedAct } from '../domain/accounts/four-eyes.ts';

const OF_NO_ROLE = { userId: null, email: null, name: null, role: null } as const;
const OF_ROLE = { userIds: null, setting: null } as const;

type Account = { email: string; name: string; role: Role };

export const askedInvitation = ({ email, name, role }: Account): AskedAct => ({
  act: 'inviteUser',
  userId: null,
  ...{ email, name, role },
  ...OF_ROLE,
});

export const askedRole = (userId: UserId, { email, name, role }: Account): AskedAct => ({
  act: 'setRole',
  userId,
  ...{ email, name, role },
  ...OF_ROLE,
});

/** The order of the ids is always the same, so that the same request waits once. */
export const askedSuspension = (ids: readonly UserId[]): AskedAct => ({
  act: 'suspendUsers',
  userIds: ids.toSorted(),
  setting: null,
  ...OF_NO_ROLE,
});

export const askedChange = (setting: AskedSetting): AskedAct => ({
  act: 'changeSetting',
  userIds: null,
  setting,
  ...OF_NO_ROLE,
});
