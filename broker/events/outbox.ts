import type { Event, PayloadOf } from '../../shared/contracts/contract.ts';
import type { Clock } from '../process/clock.ts';
import { newId } from '../process/ids.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { currentOrigin, currentRequestId } from '../calls/request-context.ts';

/** Wakes the relay. */
export const OUTBOX_WORK = 'outbox';

/** The columns of a new outbox row, in the order of an `OutboxRow`. */
export const OUTBOX_COLUMNS = '(id, event, version, payload, occurred_at, request_id, origin)';

/** An event as the values of `OUTBOX_COLUMNS`. */
export type OutboxRow = readonly [
  id: string,
  event: string,
  version: number,
  payload: string,
  occurredAt: Date,
  requestId: string | null,
  origin: string | null,
];

export type Outbox = {
  /** Writes an event in the transaction of the change that it describes. */
  add<F extends Event>(tx: Transaction, event: F, payload: PayloadOf<F>): Promise<void>;
  /**
   * The row's values, for a service that writes change and event in one statement; after its commit call
   * `wake` with them.
   */
  row<F extends Event>(event: F, payload: PayloadOf<F>): OutboxRow;
  /**
   * Publishes what the outbox has.
   * @param committed rows that the service itself wrote
   */
  wake(...committed: readonly OutboxRow[]): void;
};

/** @param added called with events after their commit, with their payloads as JSON */
export const createOutbox = (
  db: Database,
  clock: Clock,
  added: (events: readonly { event: string; payload: string }[]) => void = () => undefined,
): Outbox => {
  const row: Outbox['row'] = (event, payload) => [
    newId('event', clock.nowMs()),
    event.name,
    event.version,
    JSON.stringify(event.payload.parse(payload)),
    clock.now(),
    currentRequestId(),
    currentOrigin(),
  ];
  const wake: Outbox['wake'] = (...committed) => {
    if (committed.length > 0) added(committed.map(([, event, , payload]) => ({ event, payload })));
    db.wake(OUTBOX_WORK);
  };
  return {
    row,
    wake,
    add: async (tx, event, payload) => {
      const written = row(event, payload);
      await tx.query(`insert into outbox ${OUTBOX_COLUMNS} values ($1, $2, $3, $4, $5, $6, $7)`, written);
      tx.afterCommit(() => wake(written));
    },
  };
};
