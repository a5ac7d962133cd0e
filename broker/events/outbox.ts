import type { Fact, PayloadOf } from '../../shared/contracts/contract.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../logger.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { currentRequestId } from '../request.ts';
import { countPublished } from '../telemetry/metrics.ts';
import type { Hub } from './hub.ts';
import { watchOutbox } from './outbox-gauges.ts';
import { worker, type Worker } from './worker.ts';

const WORK = 'outbox';
/** Enough that the database's and RabbitMQ's answers, waited for once a batch, weigh little. */
const BATCH = 250;
/** After a full batch the relay rests so much longer than it worked: requests come first. */
const RESTS_PER_WORK = 2.5;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A fact as the values of an outbox row: (id, fact, version, payload, occurred_at, request_id). */
export type OutboxRow = readonly [
  id: string,
  fact: string,
  version: number,
  payload: string,
  occurredAt: Date,
  requestId: string | null,
];

export type Outbox = {
  /** Writes a fact in the same transaction as the change that it tells of. */
  add<F extends Fact>(tx: Transaction, fact: F, payload: PayloadOf<F>): Promise<void>;
  /** The row, for a room that writes change and fact in one statement of its own; call `wake` after it. */
  row<F extends Fact>(fact: F, payload: PayloadOf<F>): OutboxRow;
  wake(): void;
};

export const createOutbox = (db: Database, clock: Clock): Outbox => {
  const row: Outbox['row'] = (fact, payload) => [
    newId('fact', clock.nowMs()),
    fact.name,
    fact.version,
    JSON.stringify(fact.payload.parse(payload)),
    clock.now(),
    currentRequestId(),
  ];
  const wake = () => db.wake(WORK);
  return {
    row,
    wake,
    add: async (tx, fact, payload) => {
      await tx.query(
        `insert into outbox (id, fact, version, payload, occurred_at, request_id)
         values ($1, $2, $3, $4, $5, $6)`,
        row(fact, payload),
      );
      tx.afterCommit(wake);
    },
  };
};

type StoredFact = {
  seq: string;
  id: string;
  fact: string;
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
export const startRelay = (room: string, db: Database, hub: Hub, log: Logger): Worker => {
  const relay = (): Promise<boolean> =>
    db.transaction(async (tx) => {
      const rows = await tx.query<StoredFact>(
        `delete from outbox where seq in (
           select seq from outbox order by seq limit ${BATCH} for update skip locked
         ) returning seq, id, fact, version, payload, request_id, occurred_at`,
      );
      if (rows.length === 0) return false;
      await hub.publish(
        rows
          .toSorted((a, b) => Number(a.seq) - Number(b.seq))
          .map((row) => ({
            id: row.id,
            fact: row.fact,
            version: row.version,
            payload: row.payload,
            requestId: row.request_id,
            occurredAtMs: row.occurred_at.getTime(),
          })),
      );
      tx.afterCommit(() => countPublished(room, rows.length));
      return rows.length === BATCH;
    });
  const run = async (): Promise<boolean> => {
    if (!hub.isOpen()) return false;
    const startedMs = performance.now();
    const hasMore = await relay();
    if (hasMore) await sleep(RESTS_PER_WORK * (performance.now() - startedMs));
    return hasMore;
  };
  const running = worker({ name: `${room} relay`, db, work: WORK, pollMs: 1_000, log, run });
  const unwatch = watchOutbox(room, db);
  hub.onOpen(running.wake);
  return {
    wake: running.wake,
    stop: async () => {
      unwatch();
      await running.stop();
    },
  };
};
