import { viewOf } from '../../accounts/user-view.ts';
import { findUserByEmail, findUserById } from '../../persistence/accounts/users.ts';
import type { AuthAction } from '../../auth.ts';

export const findUser: AuthAction<'findUser'> = async (service, { params }) => {
  const user =
    'id' in params
      ? await findUserById(service.db, params.id)
      : await findUserByEmail(service.db, params.email);
  return { user: user && { ...viewOf(user), version: user.version } };
};
