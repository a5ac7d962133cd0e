import { callerOf } from '../../../../broker/calls/implement.ts';
import { sessionId as idSchema } from '../../../../shared/contracts/ids.ts';
import { readCursor } from '../../persistence/paging.ts';
import { listSessions } from '../../persistence/sessions/sessions.ts';
import type { AuthAction } from '../../auth.ts';

export const sessions: AuthAction<'sessions'> = async (service, call) => {
  const { userId, sessionId } = callerOf(call);
  const { limit, cursor } = call.params;
  const after = readCursor(cursor, idSchema);
  const { rows, nextCursor } = await listSessions(service.db, userId, service.clock.now(), { limit, after });
  const items = rows.map(({ startedAt, lastSeenAt, expiresAt, ...session }) => ({
    ...session,
    current: session.id === sessionId,
    createdAt: startedAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }));
  return { items, nextCursor };
};
