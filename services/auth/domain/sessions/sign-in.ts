import type { UserStatus } from '../../../../shared/contracts/roles.ts';

export type SignInVerdict = 'accepted' | 'wrong_credentials' | 'account_suspended';

/** A suspension is disclosed only with the right password; a deleted account is treated as unknown. */
export const judgeSignIn = (
  user: { status: UserStatus } | null | undefined,
  passwordMatches: boolean,
): SignInVerdict => {
  if (!user || !passwordMatches || user.status === 'deleted') return 'wrong_credentials';
  return user.status === 'suspended' ? 'account_suspended' : 'accepted';
};
