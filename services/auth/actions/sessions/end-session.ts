import { AppError } from '../../../../broker/calls/errors.ts';
import { callerOf } from '../../../../broker/calls/implement.ts';
import type { AuthAction } from '../../auth.ts';
import { endOne, signalEnded } from '../../sessions/revoke-session.ts';

export const endSession: AuthAction<'endSession'> = async (service, call) => {
  const { userId } = callerOf(call);
  const session = { sessionId: call.params.id, userId };
  const ended = await service.db.transaction((tx) => endOne(service, tx, session, 'revoked'));
  if (!ended) throw new AppError('session_not_found');
  await signalEnded(service, [ended]);
  return {};
};
