import type { User } from '../../../shared/contracts/auth/auth.ts';
import type { UserRow } from '../persistence/accounts/users.ts';

/** The fields of a user that leave the service. */
export const publicUser = ({ id, email, name, role, status, createdAt }: UserRow): User => ({
  id,
  email,
  name,
  role,
  status,
  createdAt: createdAt.toISOString(),
});
