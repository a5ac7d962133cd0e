import { itemsOf } from '../../../broker/postgres/items.ts';
import { invalidCursor } from '../../../broker/postgres/cursors.ts';
import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { Id, NotificationId, UserId } from '../../../shared/contracts/ids.ts';
import type { Notification, NotificationContent } from '../../../shared/contracts/realtime.ts';

/** Counting stops here: a badge shows no greater number. */
export const UNREAD_MAX = 1_000;

/** `party`: the user whose name the content holds. */
export type NewNotification = Notification & { to: UserId; party: UserId | null };

type Row = { id: NotificationId; content: NotificationContent; read_at: Date | null; created_at: Date };

const toNotification = ({ id, content, read_at, created_at }: Row): Notification => ({
  id,
  content,
  read: read_at !== null,
  createdAt: created_at.toISOString(),
});

const UNREAD = `(select count(*)::int from (
    select from notifications n where n.user_id = asked.user_id and n.read_at is null limit ${UNREAD_MAX}
  ) as counted)`;

/** The number of unread notifications of each user, up to a thousand. */
export const countUnread = async (
  db: Queryable,
  userIds: readonly UserId[],
): Promise<Map<UserId, number>> => {
  const rows = await db.query<{ user_id: UserId; unread: number }>(
    `select asked.user_id, ${UNREAD} as unread from unnest($1::text[]) as asked (user_id)`,
    [userIds],
  );
  return new Map(rows.map(({ user_id, unread }) => [user_id, unread]));
};

/** Stores notifications; returns how many each of their users had unread before. */
export const addNotifications = async (
  tx: Transaction,
  added: readonly NewNotification[],
): Promise<Map<UserId, number>> => {
  const rows = await tx.query<{ user_id: UserId; unread: number }>(
    `with added as (
       insert into notifications (id, user_id, content, created_at, read_at, party_id)
       select id, user_id, content::json, created_at, case when is_read then created_at end, party_id
       from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::boolean[], $6::text[])
         as one (id, user_id, content, created_at, is_read, party_id)
     )
     select asked.user_id, ${UNREAD} as unread
     from (select distinct user_id from unnest($2::text[]) as one (user_id)) as asked`,
    [
      added.map(({ id }) => id),
      added.map(({ to }) => to),
      added.map(({ content }) => JSON.stringify(content)),
      added.map(({ createdAt }) => createdAt),
      added.map(({ read }) => read),
      added.map(({ party }) => party),
    ],
  );
  return new Map(rows.map(({ user_id, unread }) => [user_id, unread]));
};

/**
 * Deletes the notifications and messages of a closed account, and replaces its name in the notifications of
 * others.
 */
export const anonymise = async (
  tx: Transaction,
  { id, name }: { id: UserId; name: string },
): Promise<void> => {
  await tx.query('delete from notifications where user_id = $1', [id]);
  await tx.query('delete from messages where user_id = $1', [id]);
  await tx.query(
    `update notifications set content = jsonb_set(content::jsonb, '{name}', to_jsonb($2::text))::json
     where party_id = $1`,
    [id, name],
  );
};

const CURSOR = /^ntf_[0-9a-f]{32}$/;

const readCursor = (cursor: string | undefined): string | null => {
  if (cursor === undefined) return null;
  const id = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!CURSOR.test(id)) throw invalidCursor();
  return id;
};

/** A page of a user's notifications, newest first. @throws AppError `invalid_cursor` */
export const listNotifications = async (
  db: Queryable,
  userId: UserId,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: Notification[]; nextCursor: string | null }> => {
  const rows = await db.query<Row>(
    `select id, content, read_at, created_at from notifications
     where user_id = $1 and ($2::text is null or id < $2) order by id desc limit $3`,
    [userId, readCursor(cursor), limit + 1],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: itemsOf(page, toNotification),
    nextCursor: rows.length > limit && last ? Buffer.from(last.id).toString('base64url') : null,
  };
};

/**
 * Marks a user's notification as read; returns whether it was unread, or null when the user has none of this
 * id.
 */
export const markRead = async (
  tx: Transaction,
  userId: UserId,
  id: NotificationId,
  at: Date,
): Promise<boolean | null> => {
  const [row] = await tx.query<{ was_unread: boolean }>(
    `with changed as (
       update notifications set read_at = $3 where id = $1 and user_id = $2 and read_at is null returning id
     )
     select exists (select from changed) as was_unread from notifications where id = $1 and user_id = $2`,
    [id, userId, at],
  );
  return row ? row.was_unread : null;
};

/** Marks a user's notifications as read, those from `from` up to `upTo`; returns whether any was unread. */
export const markAllRead = async (
  tx: Transaction,
  userId: UserId,
  { from, upTo }: { from?: NotificationId | undefined; upTo?: NotificationId | undefined },
  at: Date,
): Promise<boolean> => {
  const changed = await tx.query(
    `update notifications set read_at = $4
     where user_id = $1 and read_at is null
       and ($2::text is null or id >= $2) and ($3::text is null or id <= $3)
     returning 1 as changed`,
    [userId, from ?? null, upTo ?? null, at],
  );
  return changed.length > 0;
};

const OF_APPROVAL = `party_id = $1 and read_at is null
  and content ->> 'type' = 'approval_requested' and content ->> 'approvalId' = $2`;

type RequestedApproval = { approvalId: Id<'approval'>; requestedBy: UserId };

/** The users who have not read that a request waits. */
export const readersOfApproval = async (
  db: Queryable,
  { approvalId, requestedBy }: RequestedApproval,
): Promise<UserId[]> => {
  const rows = await db.query<{ user_id: UserId }>(
    `select distinct user_id from notifications where ${OF_APPROVAL}`,
    [requestedBy, approvalId],
  );
  return rows.map(({ user_id }) => user_id);
};

/** Marks as read, for all users, that a request waits. */
export const markApprovalRead = async (
  tx: Transaction,
  { approvalId, requestedBy }: RequestedApproval,
  at: Date,
): Promise<void> => {
  await tx.query(`update notifications set read_at = $3 where ${OF_APPROVAL}`, [requestedBy, approvalId, at]);
};

/**
 * Stores that an approval was requested, or that it was decided; the row stays locked, so that of two events
 * handled at the same time the second sees what the first has done.
 * @returns whether it was decided, now or before
 */
export const saveApproval = async (
  tx: Transaction,
  id: Id<'approval'>,
  decided: boolean,
  at: Date,
): Promise<boolean> => {
  const [saved] = await tx.query<{ decided: boolean }>(
    `insert into approvals (id, decided, at) values ($1, $2, $3)
     on conflict (id) do update set decided = approvals.decided or excluded.decided
     returning decided`,
    [id, decided, at],
  );
  return saved?.decided ?? decided;
};

/** Deletes at most `limit` approvals stored before a time; returns how many. */
export const purgeApprovals = purgeOf({ table: 'approvals', key: 'id', age: 'at' });

/** Deletes at most `limit` notifications older than `before`, read or not; returns how many. */
export const purgeNotifications = purgeOf({ table: 'notifications', key: 'id', age: 'created_at' });

/** Deletes at most `limit` read notifications older than `before`; returns how many. */
export const purgeReadNotifications = purgeOf({
  table: 'notifications',
  key: 'id',
  age: 'created_at',
  where: 'read_at is not null',
});
