import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { findUserByEmail, findUserById } from '../../persistence/accounts/users.ts';

export const findUser: AuthAction<'findUser'> = async (service, { params }) => {
  const user =
    'id' in params
      ? await findUserById(service.db, params.id)
      : await findUserByEmail(service.db, params.email);
  return { user: user && { ...publicUser(user), version: user.version } };
};
