import type { Queryable } from '../../../broker/postgres/database.ts';
import { OUTBOX_COLUMNS, type OutboxRow } from '../../../broker/events/outbox.ts';
import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';

/**
 * Remembers ids, in their order.
 * @returns those that had not passed before, each with its place in the order of all
 */
export const rememberIds = async (
  tx: Queryable,
  ids: readonly string[],
  at: Date,
): Promise<ReadonlyMap<string, number>> => {
  const rows = await tx.query<{ id: string; seq: string }>(
    `insert into passed_messages (id, passed_at)
     select id, $2 from unnest($1::text[]) with ordinality as given(id, place) order by place
     on conflict (id) do nothing returning id, seq`,
    [ids, at],
  );
  return new Map(rows.map(({ id, seq }) => [id, Number(seq)]));
};

/** Writes events into the outbox, in their order. */
export const addToOutbox = async (tx: Queryable, rows: readonly OutboxRow[]): Promise<void> => {
  if (rows.length === 0) return;
  const columns = rows[0]?.map((_value, at) => rows.map((row) => row[at])) ?? [];
  await tx.query(
    `insert into outbox ${OUTBOX_COLUMNS}
     select id, event, version, payload, occurred_at, request_id, origin
     from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::text[], $7::text[])
       with ordinality as r(id, event, version, payload, occurred_at, request_id, origin, place)
     order by place`,
    columns,
  );
};

export const purgeIds = purgeOf({ table: 'passed_messages', key: 'id', age: 'passed_at' });
export const purgeVersions = purgeOf({ table: 'sent_versions', key: 'entity', age: 'sent_at' });
