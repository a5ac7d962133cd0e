import type { Event, PayloadOf } from '../../shared/contracts/contract.ts';
import type { Clock } from '../process/clock.ts';
import { newId } from '../process/ids.ts';
import type { Logger } from '../process/logger.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { currentRequestId } from '../calls/request-context.ts';
import { countPublished } from '../telemetry/metrics.ts';
import type { Hub } from './hub.ts';
import { watchOutbox } from './outbox-metrics.ts';
import { worker, type Worker } from '../process/worker.ts';

const WORK = 'outbox';
/** Enough that the database's and RabbitMQ's answers, waited for once a batch, weigh little. */
const BATCH = 250;
/** After a full batch the relay rests so much longer than it worked: requests come first. */
const RESTS_PER_WORK = 2.5;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The columns of a new outbox row, in the order of an `OutboxRow`. */
export const OUTBOX_COLUMNS = '(id, event, version, payload, occurred_at, request_id)';

/** An event as the values of `OUTBOX_COLUMNS`. */
export type OutboxRow = readonly [
  id: string,
  event: string,
  version: number,
  payload: string,
  occurredAt: Date,
  requestId: string | null,
];

export type Outbox = {
  /** Writes an event in the same transaction as the change that it tells of. */
  add<F extends Event>(tx: Transaction, event: F, payload: PayloadOf<F>): Promise<void>;
  /**
   * The row, for a service that writes change and event in one statement of its own; call `wake` after it.
   */
  row<F extends Event>(event: F, payload: PayloadOf<F>): OutboxRow;
  wake(): void;
};

export const createOutbox = (db: Database, clock: Clock): Outbox => {
  const row: Outbox['row'] = (event, payload) => [
    newId('event', clock.nowMs()),
    event.name,
    event.version,
    JSON.stringify(event.payload.parse(payload)),
    clock.now(),
    currentRequestId(),
  ];
  const wake = () => db.wake(WORK);
  return {
    row,
    wake,
    add: async (tx, event, payload) => {
      await tx.query(
        `insert into outbox ${OUTBOX_COLUMNS}
         values ($1, $2, $3, $4, $5, $6)`,
        row(event, payload),
      );
      tx.afterCommit(wake);
    },
  };
};

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
 * Hands on what the outbox holds, in the order of its rows within a batch; several relays share the work. A
 * row leaves the outbox in the transaction that saw the hub take it: a process that dies in between hands it
 * on again, and the hearers' inboxes know it by its id. While the hub takes nothing the outbox is left alone.
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
  const running = worker({ name: `${service} relay`, db, work: WORK, pollMs: 1_000, log, run });
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
