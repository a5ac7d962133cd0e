import { AppError } from '../../../broker/errors.ts';
import { callerOf } from '../../../broker/implement.ts';
import type { AuthAction } from '../room.ts';
import { announceEnded, endOne } from '../sessions/end-sessions.ts';

export const endSession: AuthAction<'endSession'> = async (room, call) => {
  const { userId } = callerOf(call);
  const session = { sessionId: call.params.id, userId };
  const ended = await room.db.transaction((tx) => endOne(room, tx, session, 'revoked'));
  if (!ended) throw new AppError('session_not_found');
  await announceEnded(room, [ended]);
  return {};
};
