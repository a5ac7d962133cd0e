import { AppError } from '../../../../broker/calls/errors.ts';
import { managedSessions } from '../../accounts/managed-sessions.ts';
import type { AuthAction } from '../../auth.ts';
import { findUserById } from '../../persistence/accounts/users.ts';

export const userSessions: AuthAction<'userSessions'> = async (service, call) => {
  const { id, ...page } = call.params;
  if (!(await findUserById(service.db, id))) throw new AppError('user_not_found');
  return managedSessions(service, id, page);
};
