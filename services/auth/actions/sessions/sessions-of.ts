import { itemsOf } from '../../../../broker/postgres/items.ts';
import { sessionId } from '../../../../shared/contracts/ids.ts';
import type { AuthAction } from '../../auth.ts';
import { positionIn } from '../../persistence/paging.ts';
import { listAllSessions } from '../../persistence/sessions/all-sessions.ts';

/** Small enough for one answer. */
const PAGE_SIZE = 500;

export const sessionsOf: AuthAction<'sessionsOf'> = async ({ db }, { params }) => {
  const page = { limit: PAGE_SIZE, after: positionIn(params.cursor, sessionId) };
  const { rows, nextCursor } = await listAllSessions(db, params.userId, page);
  const items = itemsOf(rows, ({ startedAt, lastSeenAt, expiresAt, endedAt, ...session }) => ({
    ...session,
    createdAt: startedAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  }));
  return { items, nextCursor };
};
