import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../process/logger.ts';
import { worker, type Worker } from '../process/worker.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { countPublished } from '../telemetry/metrics.ts';
import type { Hub } from './hub.ts';
import { OUTBOX_WORK } from './outbox.ts';
import { watchOutbox } from './queue-metrics.ts';
import { publishTraced } from './publish-traced.ts';
import { messageOf, type StoredEvent } from './published-events.ts';
import { returnedEvents } from './returned-events.ts';

/** Large enough that one round trip to the database and RabbitMQ per batch costs little. */
const BATCH = 250;
/** After a full batch the relay pauses for this multiple of its working time, so that requests come first. */
const RESTS_PER_WORK = 2.5;

const COLUMNS = 'seq, id, event, version, payload, request_id, origin, occurred_at';

type TakenEvent = StoredEvent & {
  /** The position of the batch's first event among the published ones; null where none are kept. */
  kept_from: string | null;
};

/**
 * Moves the oldest rows, except those of paused events, to the published ones, or deletes them.
 * @returns them in the order of their writing
 */
const takeBatch = (tx: Transaction, paused: readonly string[], keep: boolean): Promise<TakenEvent[]> =>
  tx.query<TakenEvent>(
    `with taken as (
       delete from outbox where seq in (
         select seq from outbox where event <> all($1) order by seq limit ${BATCH} for update skip locked
       ) returning ${COLUMNS}
     ), kept as (
       insert into published_events
         (id, event, version, payload, request_id, origin, occurred_at, published_at)
       select id, event, version, payload, request_id, origin, occurred_at, now()
       from taken where $2 order by seq
       returning seq
     )
     select ${COLUMNS}, (select min(seq) from kept) as kept_from from taken order by seq`,
    [paused, keep],
  );

/** Puts rows back to where they were. */
const putBack = async (tx: Transaction, rows: readonly TakenEvent[]): Promise<void> => {
  for (const row of rows) {
    const { seq, id, event, version, payload, request_id, origin, occurred_at, kept_from } = row;
    await tx.query(
      `insert into outbox (${COLUMNS}) overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [seq, id, event, version, payload, request_id, origin, occurred_at],
    );
    await tx.query('delete from published_events where seq >= $1 and id = $2', [kept_from, id]);
  }
};

type RelayOptions = {
  keep?: boolean;
  beforePublish?: ((events: readonly { event: string; payload: string }[]) => Promise<void>) | undefined;
};

const nameOf = ({ event }: StoredEvent): string => event;

/**
 * Publishes the outbox's rows, in order within a batch; several relays share the work. A row is moved to the
 * published events in the transaction in which the hub accepted it: if the process dies in between, the event
 * is published again and the subscribers' inboxes recognize its id. While the hub accepts nothing, the outbox
 * is left alone. An event that reached no queue stays in the outbox and is retried with growing pauses.
 * @param options.keep false: published events are deleted
 * @param options.beforePublish called with the events of a batch, at least once, before the hub has them
 */
export const startRelay = (
  service: string,
  db: Database,
  hub: Hub,
  log: Logger,
  options: RelayOptions = {},
): Worker => {
  const { keep = true, beforePublish } = options;
  const returned = returnedEvents(service, log);

  const relay = async (): Promise<boolean> => {
    const { rows, left } = await db.transaction(async (tx) => {
      const rows = await takeBatch(tx, returned.paused(), keep);
      if (rows.length === 0) return { rows, left: [] };
      await beforePublish?.(rows);
      const left = await publishTraced(service, rows.map(messageOf), hub.publish);
      const unrouted = new Set(left.map(({ id }) => id));
      const kept = rows.filter(({ id }) => unrouted.has(id));
      await putBack(tx, kept);
      return { rows, left: kept };
    });
    countPublished(service, rows.length - left.length);
    const pauseMs = returned.record(rows.map(nameOf), left.map(nameOf));
    if (pauseMs !== null) setTimeout(running.wake, pauseMs).unref();
    return rows.length === BATCH;
  };

  const run = async (): Promise<boolean> => {
    if (!hub.isOpen()) return false;
    const startedMs = performance.now();
    const hasMore = await relay();
    if (hasMore) await sleep(RESTS_PER_WORK * (performance.now() - startedMs));
    return hasMore;
  };
  const running = worker({ name: `${service} relay`, db, work: OUTBOX_WORK, pollMs: 1_000, log, run });
  const unwatch = watchOutbox(service, db);
  hub.onOpen(running.wake);
  return {
    wake: running.wake,
    stop: async () => {
      unwatch();
      await running.stop();
    },
  };
};
