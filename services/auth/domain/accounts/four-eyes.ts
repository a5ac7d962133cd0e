/** What an act weighs that gives the rights of an administrator. */
export const GRANT_ADMIN_WEIGHT = 10;

/**
 * For this time nobody approves the request of an administrator who gave them a one-time link or another
 * e-mail address: that administrator may be the one who uses the account. Its owner notices within days.
 */
export const ACCESS_GIVEN_MS = 7 * 24 * 3_600_000;

/**
 * Whether an act has to wait for another administrator.
 * @param threshold acts of at least this weight wait; 0 for none
 * @param admins how many administrators can sign in: where there is one, nobody else could approve
 */
export const needsApproval = (given: { weight: number; threshold: number; admins: number }): boolean =>
  given.threshold > 0 && given.weight >= given.threshold && given.admins > 1;
