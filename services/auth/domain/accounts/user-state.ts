import type { UserState } from '../../../../shared/contracts/auth/fields.ts';
import type { UserStatus } from '../../../../shared/contracts/roles.ts';

/** `invited`: the user has never set a password; `reset`: an administrator has voided it. */
export type PasswordState = 'set' | 'invited' | 'reset';

type Stored = { status: UserStatus; passwordState: PasswordState };

/** How administrators see an account. */
export const stateOf = ({ status, passwordState }: Stored): UserState => {
  if (status === 'deleted') return 'closed';
  if (status === 'suspended') return 'suspended';
  return passwordState === 'invited' ? 'invited' : 'active';
};

/** What other services see: nobody can pay a vendor who has not accepted the invitation yet. */
export const publicStatus = (user: Stored): UserStatus =>
  stateOf(user) === 'invited' ? 'suspended' : user.status;
