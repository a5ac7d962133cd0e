import { loosens } from '../../../../shared/contracts/admin/settings.ts';
import type { AskedSetting } from '../../../../shared/contracts/auth/approvals.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';
import type { Role } from '../../../../shared/contracts/roles.ts';

/** What an act weighs that gives the rights of an administrator. */
export const GRANT_ADMIN_WEIGHT = 10;

/**
 * For this time nobody approves the request of an administrator who gave them a one-time link or another
 * e-mail address: that administrator may be the one who uses the account. Its owner notices within days.
 */
export const ACCESS_GIVEN_MS = 7 * 24 * 3_600_000;

type OfNoRole = { userId: null; email: null; name: null; role: null };
type OfRole = { email: string; name: string; role: Role; userIds: null; setting: null };

/** What an administrator asks for. */
export type AskedAct =
  | ({ act: 'inviteUser'; userId: null } & OfRole)
  | ({ act: 'setRole'; userId: UserId } & OfRole)
  | ({ act: 'suspendUsers'; userIds: UserId[]; setting: null } & OfNoRole)
  | ({ act: 'changeSetting'; userIds: null; setting: AskedSetting } & OfNoRole);

/** A suspension weighs as much as it has users; what raises a limit or starts again, as a grant of ADMIN. */
export const weightOf = (asked: AskedAct): number => {
  switch (asked.act) {
    case 'suspendUsers':
      return asked.userIds.length;
    case 'changeSetting': {
      const { key, before, value } = asked.setting;
      return loosens(key, before, value) ? GRANT_ADMIN_WEIGHT : 1;
    }
    default:
      return asked.role === 'ADMIN' ? GRANT_ADMIN_WEIGHT : 1;
  }
};

/**
 * Whether an act has to wait for another administrator.
 * @param threshold acts of at least this weight wait; 0 for none
 * @param admins how many administrators can sign in: where there is one, nobody else could approve
 */
export const needsApproval = (given: { weight: number; threshold: number; admins: number }): boolean =>
  given.threshold > 0 && given.weight >= given.threshold && given.admins > 1;
