import { callerOf } from '../../../../broker/calls/implement.ts';
import { itemsOf } from '../../../../broker/postgres/items.ts';
import { sessionId as sessionIdSchema } from '../../../../shared/contracts/ids.ts';
import type { AuthAction } from '../../auth.ts';
import { positionIn } from '../../persistence/paging.ts';
import { listSessions } from '../../persistence/sessions/sessions.ts';

export const sessions: AuthAction<'sessions'> = async (service, call) => {
  const { userId, sessionId } = callerOf(call);
  const { limit, cursor } = call.params;
  const after = positionIn(cursor, sessionIdSchema);
  const { rows, nextCursor } = await listSessions(service.db, userId, service.clock.now(), { limit, after });
  const items = itemsOf(rows, ({ startedAt, lastSeenAt, expiresAt, ...session }) => ({
    ...session,
    current: session.id === sessionId,
    createdAt: startedAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }));
  return { items, nextCursor };
};
