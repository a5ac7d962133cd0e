import type { Queryable } from '../../../broker/postgres/database.ts';
import type { Kind } from '../domain/channels.ts';
import type { Waiting } from '../domain/due.ts';

type Given = Pick<Waiting, 'id' | 'kind' | 'entity' | 'version' | 'messages'>;

/** Remembers the id, and lets the messages wait to be sent. */
export const addToPoc2 = async (tx: Queryable, given: Given, at: Date): Promise<void> => {
  const { id, kind, entity, version, messages } = given;
  await tx.query(
    `with remembered as (
       insert into passed_messages (id, passed_at) values ($1, $6) on conflict do nothing
     )
     insert into to_poc2 (id, kind, entity, version, messages, arrived_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $6)`,
    [id, kind, entity, version, JSON.stringify(messages), at],
  );
};

type Row = {
  seq: string;
  id: string;
  kind: Kind;
  entity: string;
  version: number | null;
  messages: Waiting['messages'];
  arrived_at: Date;
  sent: number | null;
};

/**
 * All that waits about the entities whose turn it is, in the order of arrival. One replica takes them at a
 * time; another one waits until the transaction has ended.
 */
export const takeWaiting = async (tx: Queryable, limit: number, at: Date): Promise<Waiting[]> => {
  await tx.query("select pg_advisory_xact_lock(hashtext('to_poc2'))");
  const rows = await tx.query<Row>(
    `with due as (select entity from to_poc2 where due_at <= $2 order by due_at, seq limit $1)
     select w.seq, w.id, w.kind, w.entity, w.version, w.messages, w.arrived_at, s.version as sent
     from to_poc2 w left join sent_versions s using (entity)
     where w.entity in (select entity from due) order by w.seq`,
    [limit, at],
  );
  return rows.map(({ seq, arrived_at, ...row }) => ({
    ...row,
    seq: Number(seq),
    arrivedAtMs: arrived_at.getTime(),
  }));
};

/** Deletes what was sent, keeps the versions, and postpones what waits for an earlier message. */
export const settleWaiting = async (
  tx: Queryable,
  { done, held }: { done: readonly Waiting[]; held: readonly { seq: number; dueAt: Date }[] },
  at: Date,
): Promise<void> => {
  await tx.query('delete from to_poc2 where seq = any($1)', [done.map(({ seq }) => seq)]);
  const versions = new Map<string, number>();
  for (const { entity, version } of done)
    if (version !== null) versions.set(entity, Math.max(version, versions.get(entity) ?? 0));
  if (versions.size > 0)
    await tx.query(
      `insert into sent_versions as s (entity, version, sent_at)
     select entity, version, $3 from unnest($1::text[], $2::int[]) as r(entity, version)
     on conflict (entity) do update set version = greatest(s.version, excluded.version), sent_at = $3`,
      [[...versions.keys()], [...versions.values()], at],
    );
  if (held.length > 0)
    await tx.query(
      `update to_poc2 w set due_at = r.due_at
     from unnest($1::bigint[], $2::timestamptz[]) as r(seq, due_at) where w.seq = r.seq`,
      [held.map(({ seq }) => seq), held.map(({ dueAt }) => dueAt)],
    );
};
