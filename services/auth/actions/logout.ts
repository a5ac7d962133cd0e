import { callerOf } from '../../../broker/implement.ts';
import { endSession } from '../persistence/sessions.ts';
import type { AuthAction } from '../room.ts';
import { announceEnd, recordEnd } from '../sessions/end-sessions.ts';

export const logout: AuthAction<'logout'> = async (room, call) => {
  const { sessionId } = callerOf(call);
  await room.db.transaction(async (tx) => {
    const at = room.clock.now();
    const ended = await endSession(tx, sessionId, 'signed_out', at);
    if (ended) await recordEnd(room, tx, [ended], 'signed_out', at);
  });
  // Also when it had ended before: the first announcement may not have been heard.
  await announceEnd(room, [{ sessionId }]);
  return {};
};
