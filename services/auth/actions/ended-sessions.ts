import { ACCESS_TOKEN } from '../../../shared/contracts/auth-fields.ts';
import { ENDED_SESSIONS_MARGIN_MS } from '../domain/session.ts';
import { sessionsEndedSince } from '../persistence/sessions.ts';
import type { AuthAction } from '../room.ts';

export const endedSessions: AuthAction<'endedSessions'> = async (room) => {
  const sinceMs = room.clock.nowMs() - ACCESS_TOKEN.lifetimeS * 1000 - ENDED_SESSIONS_MARGIN_MS;
  return { sessionIds: await sessionsEndedSince(room.db, new Date(sinceMs)) };
};
