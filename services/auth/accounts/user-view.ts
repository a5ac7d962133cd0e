import type { User } from '../../../shared/contracts/auth/auth.ts';
import type { UserRow } from '../persistence/accounts/users.ts';

/** A user as others may see it: no password hash. */
export const viewOf = ({ id, email, name, role, status, createdAt }: UserRow): User => ({
  id,
  email,
  name,
  role,
  status,
  createdAt: createdAt.toISOString(),
});
