import type { UserStatus } from '../../../../shared/contracts/roles.ts';

export type SignInVerdict = 'welcome' | 'wrong_credentials' | 'account_suspended';

/** Only who knows the password learns that an account is suspended; a deleted one is as good as unknown. */
export const judgeSignIn = (
  user: { status: UserStatus } | null | undefined,
  passwordRight: boolean,
): SignInVerdict => {
  if (!user || !passwordRight || user.status === 'deleted') return 'wrong_credentials';
  return user.status === 'suspended' ? 'account_suspended' : 'welcome';
};
