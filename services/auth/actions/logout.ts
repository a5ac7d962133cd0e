import { callerOf } from '../../../broker/implement.ts';
import type { AuthAction } from '../room.ts';
import { announceEnded, endOne } from '../sessions/end-sessions.ts';

export const logout: AuthAction<'logout'> = async (room, call) => {
  const caller = callerOf(call);
  await room.db.transaction((tx) => endOne(room, tx, caller, 'signed_out'));
  // Also when it had ended before: the first announcement may not have been heard.
  await announceEnded(room, [caller]);
  return {};
};
