import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { recordUserChange } from '../../accounts/create-account.ts';
import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { setNameAndEmail } from '../../persistence/accounts/edit-user.ts';
import { lockUser } from '../../persistence/accounts/users.ts';

export const changeName: AuthAction<'changeName'> = (service, call) => {
  const { name } = call.params;
  return service.db.transaction(async (tx) => {
    const user = await lockUser(tx, callerOf(call).userId);
    if (user?.status !== 'active') throw new AppError('session_ended');
    if (name === user.name) return publicUser(user);
    const { id, email } = user;
    const renamed = await setNameAndEmail(tx, { id, name, email, at: service.clock.now() });
    await recordUserChange(service, tx, renamed);
    return publicUser(renamed);
  });
};
