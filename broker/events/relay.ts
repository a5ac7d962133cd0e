import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../process/logger.ts';
import { worker, type Worker } from '../process/worker.ts';
import type { Database } from '../postgres/database.ts';
import { countPublished } from '../telemetry/metrics.ts';
import type { Hub } from './hub.ts';
import { OUTBOX_WORK } from './outbox.ts';
import { watchOutbox } from './outbox-metrics.ts';

/** Large enough that one round trip to the database and RabbitMQ per batch costs little. */
const BATCH = 250;
/** After a full batch the relay pauses for this multiple of its working time, so that requests come first. */
const RESTS_PER_WORK = 2.5;

type StoredEvent = {
  seq: string;
  id: string;
  event: string;
  version: number;
  payload: string;
  request_id: string | null;
  occurred_at: Date;
};

/**
 * Publishes the outbox's rows, in order within a batch; several relays share the work. A row is deleted in
 * the transaction in which the hub accepted it: if the process dies in between, the event is published again
 * and the subscribers' inboxes recognize its id. While the hub accepts nothing, the outbox is left alone.
 */
export const startRelay = (service: string, db: Database, hub: Hub, log: Logger): Worker => {
  const relay = (): Promise<boolean> =>
    db.transaction(async (tx) => {
      const rows = await tx.query<StoredEvent>(
        `delete from outbox where seq in (
           select seq from outbox order by seq limit ${BATCH} for update skip locked
         ) returning seq, id, event, version, payload, request_id, occurred_at`,
      );
      if (rows.length === 0) return false;
      await hub.publish(
        rows
          .toSorted((a, b) => Number(a.seq) - Number(b.seq))
          .map((row) => ({
            id: row.id,
            event: row.event,
            version: row.version,
            payload: row.payload,
            requestId: row.request_id,
            occurredAtMs: row.occurred_at.getTime(),
          })),
      );
      tx.afterCommit(() => countPublished(service, rows.length));
      return rows.length === BATCH;
    });
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
