import type { Queryable } from '../../../../broker/postgres/database.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';
import { pageOf, type Page, type Position } from '../paging.ts';
import type { SessionRow } from './sessions.ts';

export type AnySessionRow = SessionRow & { endedAt: Date | null };

/** A page of a user's sessions, last started first, with those that are over and not yet deleted. */
export const listAllSessions = async (
  db: Queryable,
  userId: UserId,
  { limit, after }: { limit: number; after: Position | null },
): Promise<Page<AnySessionRow>> => {
  const rows = await db.query<AnySessionRow>(
    `select id, name, device, kind, address, method, started_at as "startedAt", last_seen_at as "lastSeenAt",
       expires_at as "expiresAt", ended_at as "endedAt"
     from sessions
     where user_id = $1 and ($2::timestamptz is null or (started_at, id) < ($2, $3))
     order by started_at desc, id desc limit $4`,
    [userId, after?.at ?? null, after?.id ?? null, limit + 1],
  );
  return pageOf(rows, limit, ({ startedAt, id }) => ({ at: startedAt, id }));
};
