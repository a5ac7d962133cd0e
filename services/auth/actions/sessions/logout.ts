import { callerOf } from '../../../../broker/calls/implement.ts';
import type { AuthAction } from '../../auth.ts';
import { signalEnded, endOne } from '../../sessions/revoke-session.ts';

export const logout: AuthAction<'logout'> = async (service, call) => {
  const caller = callerOf(call);
  await service.db.transaction((tx) => endOne(service, tx, caller, 'signed_out'));
  // Also when it had ended before: the first announcement may not have been heard.
  await signalEnded(service, [caller]);
  return {};
};
