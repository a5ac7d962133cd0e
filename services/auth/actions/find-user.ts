import { viewOf } from '../accounts/view.ts';
import { findUserByEmail, findUserById } from '../persistence/users.ts';
import type { AuthAction } from '../room.ts';

export const findUser: AuthAction<'findUser'> = async (room, { params }) => {
  const user =
    'id' in params ? await findUserById(room.db, params.id) : await findUserByEmail(room.db, params.email);
  return { user: user && { ...viewOf(user), version: user.version } };
};
