import { AppError } from '../../../../broker/calls/errors.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { administer } from '../../accounts/admin-decision.ts';
import type { AuthAction } from '../../auth.ts';
import { endOne } from '../../sessions/revoke-session.ts';

export const endUserSession: AuthAction<'endUserSession'> = (service, call) =>
  administer(service, call, { takesRights: true }, async (tx, user, decision) => {
    const { sessionId } = call.params;
    const ended = await endOne(service, tx, { sessionId, userId: user.id }, 'revoked');
    if (!ended) throw new AppError('session_not_found');
    const event = { userId: user.id, sessionId, ...decision, before: null, after: null };
    await service.outbox.add(tx, auth.events.userSignedOut, event);
    return { user, ended: [ended] };
  });
