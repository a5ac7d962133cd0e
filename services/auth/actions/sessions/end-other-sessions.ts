import { callerOf } from '../../../../broker/calls/implement.ts';
import type { AuthAction } from '../../auth.ts';
import { endOthers, signalEnded } from '../../sessions/revoke-session.ts';

export const endOtherSessions: AuthAction<'endOtherSessions'> = async (service, call) => {
  const caller = callerOf(call);
  const ended = await service.db.transaction((tx) => endOthers(service, tx, caller, 'revoked'));
  await signalEnded(service, ended);
  return { ended: ended.length };
};
