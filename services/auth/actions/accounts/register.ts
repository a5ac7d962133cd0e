import { createAccount } from '../../accounts/create-account.ts';
import { viewOf } from '../../accounts/user-view.ts';
import { rememberDevice } from '../../devices/known-devices.ts';
import type { AuthAction } from '../../auth.ts';
import { placeOf } from '../../sessions/session-origin.ts';
import { startSession, tokensFor } from '../../sessions/start-session.ts';

export const register: AuthAction<'register'> = async (service, call) => {
  // The browser may be known for another account; for this new one it is not.
  const { deviceToken: _other, ...account } = call.params;
  const { user, made } = await createAccount(service, account, async (tx, { id }) => {
    const opened = { userId: id, place: placeOf(call), method: 'registration', knownDevice: false } as const;
    const session = await startSession(service, tx, opened);
    return { session, deviceToken: await rememberDevice(service, tx, id, null) };
  });
  const tokens = await tokensFor(service, user, made.session);
  return { user: viewOf(user), tokens: { ...tokens, deviceToken: made.deviceToken } };
};
