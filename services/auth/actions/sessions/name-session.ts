import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import type { AuthAction } from '../../auth.ts';
import { nameDevice } from '../../persistence/devices/known-devices.ts';
import { lockLiveSession, nameSessions } from '../../persistence/sessions/sessions.ts';

export const nameSession: AuthAction<'nameSession'> = (service, call) => {
  const { userId } = callerOf(call);
  const { id, name } = call.params;
  const at = service.clock.now();
  return service.db.transaction(async (tx) => {
    const session = await lockLiveSession(tx, { sessionId: id, userId }, at);
    if (session === null) throw new AppError('session_not_found');
    const { deviceHash } = session;
    await nameSessions(tx, { id, userId, deviceHash, name });
    if (deviceHash) await nameDevice(tx, deviceHash, name);
    await service.outbox.add(tx, auth.events.sessionNamed, { sessionId: id, userId, at: at.toISOString() });
    return {};
  });
};
