import { itemsOf } from '../../../broker/postgres/items.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { userDetails } from '../../../shared/contracts/auth/users.ts';
import { sessionId, type UserId } from '../../../shared/contracts/ids.ts';
import type { output } from 'zod/mini';
import { positionIn } from '../persistence/paging.ts';
import { listSessions } from '../persistence/sessions/sessions.ts';

type SessionPage = output<typeof userDetails>['sessions'];

/** A page of a user's live sessions, as administrators see them. @throws AppError `invalid_cursor` */
export const managedSessions = async (
  { db, clock }: Pick<Service, 'db' | 'clock'>,
  id: UserId,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<SessionPage> => {
  const after = positionIn(cursor, sessionId);
  const { rows, nextCursor } = await listSessions(db, id, clock.now(), { limit, after });
  const items = itemsOf(rows, ({ startedAt, lastSeenAt, expiresAt, ...session }) => ({
    ...session,
    createdAt: startedAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }));
  return { items, nextCursor };
};
