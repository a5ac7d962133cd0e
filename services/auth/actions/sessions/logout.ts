import { callerOf } from '../../../../broker/calls/implement.ts';
import type { AuthAction } from '../../auth.ts';
import { endOne, signalEnded } from '../../sessions/revoke-session.ts';

export const logout: AuthAction<'logout'> = async (service, call) => {
  const caller = callerOf(call);
  await service.db.transaction((tx) => endOne(service, tx, caller, 'signed_out'));
  // Sent for an ended session too: the signal of the first request may have been lost.
  await signalEnded(service, [caller]);
  return {};
};
