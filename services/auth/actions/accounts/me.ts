import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { viewOf } from '../../accounts/user-view.ts';
import { findUserById } from '../../persistence/accounts/users.ts';
import type { AuthAction } from '../../auth.ts';

export const me: AuthAction<'me'> = async (service, call) => {
  const user = await findUserById(service.db, callerOf(call).userId);
  if (!user || user.status === 'deleted') throw new AppError('unauthenticated');
  return viewOf(user);
};
