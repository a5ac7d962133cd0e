import { ACCESS_TOKEN } from '../../../shared/contracts/auth-fields.ts';
import { REVOCATIONS_MARGIN_MS } from '../domain/session.ts';
import { sessionsEndedSince } from '../persistence/sessions.ts';
import { accessChangedSince } from '../persistence/users.ts';
import type { AuthAction } from '../room.ts';

export const revocations: AuthAction<'revocations'> = async (room) => {
  const since = new Date(room.clock.nowMs() - ACCESS_TOKEN.lifetimeS * 1000 - REVOCATIONS_MARGIN_MS);
  const [sessionIds, outdated] = await Promise.all([
    sessionsEndedSince(room.db, since),
    accessChangedSince(room.db, since),
  ]);
  return { sessionIds, outdated };
};
