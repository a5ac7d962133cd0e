import { ACCESS_TOKEN } from '../../../../shared/contracts/auth/fields.ts';
import { REVOCATIONS_MARGIN_MS } from '../../domain/sessions/session.ts';
import { sessionsEndedSince } from '../../persistence/sessions/sessions.ts';
import { accessChangedSince } from '../../persistence/accounts/users.ts';
import type { AuthAction } from '../../auth.ts';

export const revocations: AuthAction<'revocations'> = async (service) => {
  const since = new Date(service.clock.nowMs() - ACCESS_TOKEN.lifetimeS * 1000 - REVOCATIONS_MARGIN_MS);
  const [sessionIds, staleVersions] = await Promise.all([
    sessionsEndedSince(service.db, since),
    accessChangedSince(service.db, since),
  ]);
  return { sessionIds, staleVersions };
};
