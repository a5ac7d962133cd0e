import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { findUserById } from '../../persistence/accounts/users.ts';

export const me: AuthAction<'me'> = async (service, call) => {
  const user = await findUserById(service.db, callerOf(call).userId);
  if (!user || user.status === 'deleted') throw new AppError('unauthenticated');
  return publicUser(user);
};
