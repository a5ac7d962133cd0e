import type {
  DeviceKind,
  SessionEndReason,
  SignInMethod,
} from '../../../../shared/contracts/auth/sessions.ts';
import type { SessionId, UserId } from '../../../../shared/contracts/ids.ts';
import type { Queryable, Transaction } from '../../../../broker/postgres/database.ts';
import { pageOf, type Page, type Position } from '../paging.ts';

/** The device and address of the last use of a session. */
export type SessionOrigin = { device: string; kind: DeviceKind; address: string | null };
export type SessionRow = SessionOrigin & {
  id: SessionId;
  /** The user's own name for the device. */
  name: string | null;
  method: SignInMethod;
  startedAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
};
export type EndedSession = { sessionId: SessionId; userId: UserId };

/** A session is live until it has ended or its newest refresh token has expired. */
const LIVE_AT = (parameter: string) => `ended_at is null and expires_at > ${parameter}`;
const ENDED = 'id as "sessionId", user_id as "userId"';

export const insertSession = async (
  tx: Transaction,
  session: Omit<SessionRow, 'lastSeenAt'> & {
    userId: UserId;
    tokenKey: Buffer;
    deviceHash: Buffer | null;
  },
): Promise<void> => {
  const { id, userId, startedAt, expiresAt, method, device, kind, address } = session;
  const { tokenKey, name, deviceHash } = session;
  await tx.query(
    `insert into sessions (id, user_id, started_at, last_seen_at, expires_at, method, device, kind, address,
       token_key, name, device_hash)
     values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [id, userId, startedAt, expiresAt, method, device, kind, address, tokenKey, name, deviceHash],
  );
};

/** Whether a user has a session that has not ended with such a device at this address. */
export const hasSessionFrom = async (
  tx: Transaction,
  userId: UserId,
  { device, address }: SessionOrigin,
): Promise<boolean> => {
  const rows = await tx.query(
    `select 1 from sessions where user_id = $1 and ended_at is null and device = $2
       and address is not distinct from $3 limit 1`,
    [userId, device, address],
  );
  return rows.length > 0;
};

/** Updates the last use of a session, its expiry and the key of its refresh tokens. */
export const touchSession = async (
  tx: Transaction,
  id: SessionId,
  use: SessionOrigin & { at: Date; expiresAt: Date; tokenKey: Buffer },
): Promise<void> => {
  await tx.query(
    `update sessions set last_seen_at = $2, expires_at = $3, device = $4, kind = $5, address = $6,
       token_key = $7
     where id = $1`,
    [id, use.at, use.expiresAt, use.device, use.kind, use.address, use.tokenKey],
  );
};

/** The owner of a session and the key of its refresh tokens. */
export const findTokenFamily = async (
  db: Queryable,
  id: SessionId,
): Promise<{ userId: UserId; tokenKey: Buffer | null } | null> => {
  const [family] = await db.query<{ userId: UserId; tokenKey: Buffer | null }>(
    'select user_id as "userId", token_key as "tokenKey" from sessions where id = $1',
    [id],
  );
  return family ?? null;
};

export const isSessionLive = async (db: Queryable, id: SessionId, at: Date): Promise<boolean> => {
  const rows = await db.query(`select 1 from sessions where id = $1 and ${LIVE_AT('$2')}`, [id, at]);
  return rows.length > 0;
};

const LIST = `select id, name, device, kind, address, method, started_at as "startedAt",
    last_seen_at as "lastSeenAt", expires_at as "expiresAt"
  from sessions where user_id = $1 and ${LIVE_AT('$2')}`;

/** Live sessions of a user, most recently used first. */
export const listSessions = async (
  db: Queryable,
  userId: UserId,
  at: Date,
  { limit, after }: { limit: number; after: Position | null },
): Promise<Page<SessionRow>> => {
  const order = 'order by last_seen_at desc, id desc limit $3';
  const rows = after
    ? await db.query<SessionRow>(`${LIST} and (last_seen_at, id) < ($4, $5) ${order}`, [
        userId,
        at,
        limit + 1,
        after.at,
        after.id,
      ])
    : await db.query<SessionRow>(`${LIST} ${order}`, [userId, at, limit + 1]);
  return pageOf(rows, limit, ({ lastSeenAt, id }) => ({ at: lastSeenAt, id }));
};

/** A live session of this user, locked until the transaction ends, with its device; null if there is none. */
export const lockLiveSession = async (
  tx: Transaction,
  { sessionId, userId }: EndedSession,
  at: Date,
): Promise<{ deviceHash: Buffer | null } | null> => {
  const [session] = await tx.query<{ deviceHash: Buffer | null }>(
    `select device_hash as "deviceHash" from sessions
     where id = $1 and user_id = $2 and ${LIVE_AT('$3')} for no key update`,
    [sessionId, userId, at],
  );
  return session ?? null;
};

type Naming = { id: SessionId; userId: UserId; deviceHash: Buffer | null; name: string | null };

/** Names a session and the user's others of the same device. */
export const nameSessions = async (
  tx: Transaction,
  { id, userId, deviceHash, name }: Naming,
): Promise<void> => {
  await tx.query(
    `update sessions set name = $4
     where user_id = $2 and ended_at is null and (id = $1 or device_hash = $3)`,
    [id, userId, deviceHash, name],
  );
};

/** Ends a live session of this user; null when the user has no live session with this id. */
export const endSession = async (
  tx: Transaction,
  { sessionId, userId }: EndedSession,
  reason: SessionEndReason,
  at: Date,
): Promise<EndedSession | null> => {
  const [ended] = await tx.query<EndedSession>(
    `update sessions set ended_at = $3, end_reason = $4
     where id = $1 and user_id = $2 and ${LIVE_AT('$3')} returning ${ENDED}`,
    [sessionId, userId, at, reason],
  );
  return ended ?? null;
};

/**
 * Live sessions of a user, locked until the transaction ends. The order by id prevents deadlocks between
 * concurrent transactions.
 */
export const lockLiveSessions = async (tx: Transaction, userId: UserId, at: Date): Promise<SessionId[]> => {
  const rows = await tx.query<{ id: SessionId }>(
    `select id from sessions where user_id = $1 and ${LIVE_AT('$2')} order by id for no key update`,
    [userId, at],
  );
  return rows.map(({ id }) => id);
};

/** Ends sessions that this transaction has locked. */
export const endSessions = (
  tx: Transaction,
  ids: readonly SessionId[],
  reason: SessionEndReason,
  at: Date,
): Promise<EndedSession[]> =>
  tx.query<EndedSession>(
    `update sessions set ended_at = $2, end_reason = $3 where id = any($1) returning ${ENDED}`,
    [ids, at, reason],
  );

export const sessionsEndedSince = async (db: Queryable, since: Date): Promise<SessionId[]> => {
  const rows = await db.query<{ id: SessionId }>('select id from sessions where ended_at >= $1', [since]);
  return rows.map((row) => row.id);
};

/**
 * Deletes at most `limit` sessions that ended or expired before `before`, with their tokens; returns their
 * number.
 */
export const purgeSessions = async (db: Queryable, before: Date, limit: number): Promise<number> => {
  const deleted = await db.query(
    `with old as (
       select id from sessions where coalesce(ended_at, expires_at) < $1
       order by coalesce(ended_at, expires_at) limit $2 for update skip locked
     ), tokens as (
       delete from refresh_tokens where session_id in (select id from old)
     )
     delete from sessions where id in (select id from old) returning 1`,
    [before, limit],
  );
  return deleted.length;
};

/** How many users have used a session lately; when that was is known to ten minutes. */
export const countActiveUsers = async (
  db: Queryable,
  now: Date,
): Promise<{ lastQuarterHour: number; lastDay: number }> => {
  const [row] = await db.query<{ lastQuarterHour: number; lastDay: number }>(
    `select count(distinct user_id) filter (where last_seen_at > $1::timestamptz - interval '15 minutes')::int
         as "lastQuarterHour",
       count(distinct user_id)::int as "lastDay"
     from sessions where last_seen_at > $1::timestamptz - interval '1 day'`,
    [now],
  );
  return row ?? { lastQuarterHour: 0, lastDay: 0 };
};
