import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { StreamEnds } from '../domain/resume.ts';

/** A message to be stored: its user, its name in the contract, its payload as JSON. */
export type NewMessage = { userId: UserId; name: string; payload: string };

/** A stored message with its number in the user's stream. */
export type StoredMessage = {
  userId: UserId;
  seq: number;
  name: string;
  payload: string;
  at: Date;
  /** Its place in the trace of the act that caused it; null where that is not known. */
  traceparent: string | null;
};

/**
 * Locks the streams of these users until the end of the transaction, always in the same order, so that
 * transactions do not deadlock.
 */
export const lockStreams = async (tx: Transaction, userIds: readonly UserId[]): Promise<void> => {
  await tx.query(
    `insert into streams (user_id, last_seq)
     select distinct user_id collate "C", 0 from unnest($1::text[]) as given (user_id) order by 1
     on conflict (user_id) do update set last_seq = streams.last_seq`,
    [userIds],
  );
};

/**
 * Adds messages to the streams of their users, in the order given. The stream's row is locked until the
 * commit, so a reader that sees a number sees all lower ones.
 */
export const writeMessages = async (
  tx: Transaction,
  messages: readonly NewMessage[],
  at: Date,
  traceparent: string | null,
): Promise<void> => {
  await tx.query(
    `with given as (
       select user_id, name, payload,
         count(*) over (partition by user_id)
           - row_number() over (partition by user_id order by ordinal) as behind
       from unnest($1::text[], $2::text[], $3::text[])
         with ordinality as one (user_id, name, payload, ordinal)
     ), counted as (
       insert into streams (user_id, last_seq)
       select user_id collate "C", count(*) from given group by 1 order by 1
       on conflict (user_id) do update set last_seq = streams.last_seq + excluded.last_seq
       returning user_id, last_seq
     )
     insert into messages (user_id, seq, name, payload, at, traceparent)
     select counted.user_id, last_seq - behind, name, payload, $4, $5
     from given join counted on counted.user_id = given.user_id`,
    [
      messages.map(({ userId }) => userId),
      messages.map(({ name }) => name),
      messages.map(({ payload }) => payload),
      at,
      traceparent,
    ],
  );
};

/** The ends of a user's stream; `last` is 0 for a user without messages. */
export const readEnds = async (db: Queryable, userId: UserId): Promise<StreamEnds> => {
  const [row] = await db.query<{ last: string; oldest: string | null }>(
    `select coalesce((select last_seq from streams where user_id = $1), 0) as last,
       (select min(seq) from messages where user_id = $1) as oldest`,
    [userId],
  );
  return { last: Number(row?.last ?? 0), oldest: row?.oldest ? Number(row.oldest) : null };
};

/** The messages of each user after a number, in order; at most `limit` of each user. */
export const readAfter = async (
  db: Queryable,
  positions: ReadonlyMap<UserId, number>,
  limit: number,
): Promise<StoredMessage[]> => {
  type Row = Omit<StoredMessage, 'userId' | 'seq'> & { user_id: UserId; seq: string };
  const rows = await db.query<Row>(
    `select newer.* from unnest($1::text[], $2::bigint[]) as asked (user_id, after)
     cross join lateral (
       select m.user_id, m.seq, m.name, m.payload, m.at, m.traceparent from messages m
       where m.user_id = asked.user_id and m.seq > asked.after order by m.seq limit $3
     ) as newer
     order by newer.user_id, newer.seq`,
    [[...positions.keys()], [...positions.values()], limit],
  );
  return rows.map((row) => ({ ...row, userId: row.user_id, seq: Number(row.seq) }));
};

/** The age in seconds of the oldest message after these numbers; 0 when there is none. */
export const oldestAfterS = async (
  db: Queryable,
  positions: ReadonlyMap<UserId, number>,
  now: Date,
): Promise<number> => {
  if (positions.size === 0) return 0;
  const [row] = await db.query<{ seconds: number | null }>(
    `select extract(epoch from $3::timestamptz - min(next.at))::float8 as seconds
     from unnest($1::text[], $2::bigint[]) as asked (user_id, after)
     cross join lateral (
       select m.at from messages m where m.user_id = asked.user_id and m.seq > asked.after
       order by m.seq limit 1
     ) as next`,
    [[...positions.keys()], [...positions.values()], now],
  );
  return Math.max(0, row?.seconds ?? 0);
};

/** Deletes at most `limit` messages older than `before`; returns how many. */
export const purgeMessages = purgeOf({ table: 'messages', key: 'user_id, seq', age: 'at' });
