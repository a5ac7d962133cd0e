import { callerOf } from '../../../broker/implement.ts';
import type { AuthAction } from '../room.ts';
import { announceEnded, endOthers } from '../sessions/end-sessions.ts';

export const endOtherSessions: AuthAction<'endOtherSessions'> = async (room, call) => {
  const caller = callerOf(call);
  const ended = await room.db.transaction((tx) => endOthers(room, tx, caller, 'revoked'));
  await announceEnded(room, ended);
  return { ended: ended.length };
};
