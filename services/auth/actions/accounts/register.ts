import { AppError } from '../../../../broker/calls/errors.ts';
import { createAccount } from '../../accounts/create-account.ts';
import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { registerDevice } from '../../devices/known-devices.ts';
import { readSetting } from '../../persistence/settings.ts';
import { originOf } from '../../sessions/session-origin.ts';
import { startSession, tokensFor } from '../../sessions/start-session.ts';

export const register: AuthAction<'register'> = async (service, call) => {
  if (await readSetting(service.db, 'signUpsStopped')) throw new AppError('sign_ups_stopped');
  // A device token belongs to one account; the browser gets another one for the new account.
  const { deviceToken: _ofOtherAccount, ...account } = call.params;
  const { user, result } = await createAccount(service, account, async (tx, { id }) => {
    const device = await registerDevice(service, tx, { userId: id, device: null, kind: 'browser' });
    const session = await startSession(service, tx, {
      userId: id,
      origin: originOf(call),
      method: 'registration',
      knownDevice: false,
      device,
    });
    return { session, deviceToken: device.token };
  });
  const tokens = await tokensFor(service, user, result.session);
  return { user: publicUser(user), tokens: { ...tokens, deviceToken: result.deviceToken } };
};
