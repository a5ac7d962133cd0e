import { AppError } from '../../../broker/errors.ts';
import { callerOf } from '../../../broker/implement.ts';
import { viewOf } from '../accounts/view.ts';
import { findUserById } from '../persistence/users.ts';
import type { AuthAction } from '../room.ts';

export const me: AuthAction<'me'> = async (room, call) => {
  const user = await findUserById(room.db, callerOf(call).userId);
  if (!user || user.status === 'deleted') throw new AppError('unauthenticated');
  return viewOf(user);
};
