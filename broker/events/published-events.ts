import type { Database, Queryable } from '../postgres/database.ts';
import type { Clock } from '../process/clock.ts';
import type { Job } from '../process/jobs.ts';
import type { EventMessage } from './event-message.ts';

/** Small batches hold their locks only briefly. */
const CLEAN_BATCH = 1_000;

export type StoredEvent = {
  seq: string;
  id: string;
  event: string;
  version: number;
  payload: string;
  request_id: string | null;
  origin: string | null;
  occurred_at: Date;
};

export const messageOf = (row: StoredEvent): EventMessage => ({
  id: row.id,
  event: row.event,
  version: row.version,
  payload: row.payload,
  requestId: row.request_id,
  origin: row.origin,
  occurredAtMs: row.occurred_at.getTime(),
});

/** Waits for the end of all transactions that are publishing now, and returns the last position. */
export const lastPublished = (db: Database): Promise<number> =>
  db.transaction(async (tx) => {
    await tx.query('lock table published_events in share mode');
    const [row] = await tx.query<{ last: string | null }>('select max(seq) as last from published_events');
    return Number(row?.last ?? 0);
  });

/** The position before the oldest event. */
export const beforeFirstPublished = async (db: Queryable): Promise<number> => {
  const [row] = await db.query<{ first: string | null }>('select min(seq) as first from published_events');
  return Number(row?.first ?? 1) - 1;
};

/** Events of these names after one position up to another, in the order of their publication. */
export const readPublished = (
  db: Queryable,
  { after, upTo, events, from }: { after: number; upTo: number; events: readonly string[]; from: Date },
): Promise<StoredEvent[]> =>
  db.query<StoredEvent>(
    `select seq, id, event, version, payload, request_id, origin, occurred_at from published_events
     where seq > $1 and seq <= $2 and event = any($3) and occurred_at >= $4 order by seq`,
    [after, upTo, events, from],
  );

/** Deletes events that were published longer ago than `keptMs`, the oldest first, in small batches. */
export const cleanPublished = async (db: Database, clock: Clock, keptMs: number): Promise<void> => {
  const before = new Date(clock.nowMs() - keptMs);
  for (;;) {
    const gone = await db.query(
      `delete from published_events where seq in (
         select seq from
           (select seq, published_at from published_events order by seq limit ${CLEAN_BATCH}) oldest
         where published_at < $1
       ) returning 1 as gone`,
      [before],
    );
    if (gone.length < CLEAN_BATCH) return;
  }
};

/** Deletes published events after the time for which they are kept, once an hour. */
export const purgePublished = (keptMs: number): Job<{ db: Database; clock: Clock }> => ({
  name: 'purge-published-events',
  everyMs: 3_600_000,
  run: ({ db, clock }) => cleanPublished(db, clock, keptMs),
});
