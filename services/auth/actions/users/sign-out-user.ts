import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { administer } from '../../accounts/admin-decision.ts';
import type { AuthAction } from '../../auth.ts';
import { endAll } from '../../sessions/revoke-session.ts';

export const signOutUser: AuthAction<'signOutUser'> = (service, call) =>
  administer(service, call, { takesRights: true }, async (tx, user, decision) => {
    const ended = await endAll(service, tx, user.id, 'revoked');
    if (ended.length === 0) return { user };
    const changes = { before: { sessions: ended.length }, after: { sessions: 0 } };
    const event = { userId: user.id, sessionId: null, ...decision, ...changes };
    await service.outbox.add(tx, auth.events.userSignedOut, event);
    return { user, ended };
  });
