import type { User } from '../../../shared/contracts/auth/auth.ts';
import type { ManagedUser } from '../../../shared/contracts/auth/users.ts';
import { publicStatus, stateOf } from '../domain/accounts/user-state.ts';
import type { UserRow } from '../persistence/accounts/users.ts';

/** The fields of a user that leave the service. */
export const publicUser = (user: UserRow): User => ({
  id: user.id,
  email: user.email,
  name: user.name,
  role: user.role,
  status: publicStatus(user),
  createdAt: user.createdAt.toISOString(),
});

/** A user as administrators see it. */
export const managedUser = (user: UserRow, lastSignInAt: Date | null): ManagedUser => ({
  id: user.id,
  email: user.email,
  name: user.name,
  role: user.role,
  state: stateOf(user),
  mustSetPassword: user.passwordState !== 'set',
  lastSignInAt: lastSignInAt?.toISOString() ?? null,
  createdAt: user.createdAt.toISOString(),
});
