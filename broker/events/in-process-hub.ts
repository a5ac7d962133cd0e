import { inRequest, traceOf } from '../calls/request-context.ts';
import { countEvent } from '../telemetry/metrics.ts';
import type { Clock } from '../process/clock.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { deadLettersInDatabase } from './dead-letters.ts';
import type { EventMessage } from './event-message.ts';
import type { Subscription, Hub } from './hub.ts';
import { handleOnce, inEvent, openEvent, deliver, type Subscriber } from './inbox.ts';
import { depthInDatabase } from './queue-depth.ts';
import {
  causeOf,
  COUNTED_AS,
  DEFAULT_WAIT_MS,
  OUTCOMES,
  reportUnhandled,
  RETRY_DELAYS_MS,
  verdictOf,
} from './retry.ts';
import { worker, type Worker } from '../process/worker.ts';

const WORK = 'event_queue';

type LocalQueue = { events: Set<string>; accept: (messages: readonly EventMessage[]) => Promise<void> };

/** Inserts events into the service's queue; those that it has stored or handled already are ignored. */
export const storeInQueue = async (
  db: Database,
  clock: Clock,
  messages: readonly EventMessage[],
): Promise<void> => {
  await db.query(
    `insert into event_queue (id, event, version, payload, request_id, occurred_at, next_attempt_at, origin)
     select id, event, version, payload, request_id, to_timestamp(occurred_ms / 1000.0), $7, origin
     from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::float8[], $8::text[])
       as incoming (id, event, version, payload, request_id, occurred_ms, origin)
     where not exists (select from inbox where inbox.id = incoming.id)
     on conflict (id) do nothing`,
    [
      messages.map((message) => message.id),
      messages.map((message) => message.event),
      messages.map((message) => message.version),
      messages.map((message) => message.payload),
      messages.map((message) => message.requestId),
      messages.map((message) => message.occurredAtMs),
      clock.now(),
      messages.map((message) => message.origin),
    ],
  );
  db.wake(WORK);
};

type QueueRow = {
  id: string;
  event: string;
  version: number;
  payload: string;
  request_id: string | null;
  origin: string | null;
  occurred_at: Date;
  attempts: number;
  first_failed_at: Date | null;
};

const takeNext = async (tx: Transaction, clock: Clock): Promise<QueueRow | undefined> => {
  const [row] = await tx.query<QueueRow>(
    `delete from event_queue where id = (
       select id from event_queue where next_attempt_at <= $1
       order by next_attempt_at, seq limit 1 for update skip locked
     ) returning id, event, version, payload, request_id, origin, occurred_at, attempts, first_failed_at`,
    [clock.now()],
  );
  return row;
};

const messageOf = (row: QueueRow): EventMessage => ({
  id: row.id,
  event: row.event,
  version: row.version,
  payload: row.payload,
  requestId: row.request_id,
  origin: row.origin,
  occurredAtMs: row.occurred_at.getTime(),
});

/** Schedules the next attempt of a failed event, or marks it dead after the last one. */
const putBack = async <R>(
  { name, db, clock, log, waitMs = DEFAULT_WAIT_MS }: Subscription<R> & { db: Database },
  row: QueueRow,
  error: unknown,
): Promise<void> => {
  const nowMs = clock.nowMs();
  const firstFailedAtMs = row.first_failed_at?.getTime() ?? nowMs;
  const { kind, attempts, delay } = verdictOf(
    error,
    { attempts: row.attempts, firstFailedAtMs },
    nowMs,
    waitMs,
  );
  const isDead = kind === 'dead';
  const delayMs = RETRY_DELAYS_MS[delay - 1] ?? 0;
  await db.query(
    `update event_queue set attempts = $2, next_attempt_at = $3, dead_at = $4, cause = $5,
       first_failed_at = $6, last_failed_at = $7 where id = $1`,
    [
      row.id,
      attempts,
      isDead ? null : new Date(nowMs + delayMs),
      isDead ? new Date(nowMs) : null,
      causeOf(error),
      new Date(firstFailedAtMs),
      new Date(nowMs),
    ],
  );
  countEvent(name, row.event, COUNTED_AS[kind]);
  const about = { err: error, event: row.event, id: row.id, attempts, firstFailedAtMs };
  log[isDead ? 'error' : 'warn'](about, OUTCOMES[kind]);
  if (isDead) reportUnhandled(name, row.event, error);
  if (!isDead) setTimeout(() => db.wake(WORK), delayMs).unref();
};

/** Handles the service's queue, each event in one transaction with its effect. */
const startQueue = <R>(subscription: Subscription<R> & { db: Database }): Worker => {
  const { name, service, db, subscribers, clock, log, afterHandled } = subscription;
  const byEvent = new Map(subscribers.map((subscriber) => [subscriber.event.name, subscriber]));

  const handleNext = async (): Promise<boolean> => {
    let taken: QueueRow | undefined;
    try {
      await db.transaction(async (tx) => {
        taken = await takeNext(tx, clock);
        if (!taken) return;
        const opened = openEvent(byEvent, messageOf(taken));
        const handled = await inEvent(name, opened.message, () => handleOnce(service, opened, tx, clock));
        const { event, payload } = taken;
        tx.afterCommit(() => {
          countEvent(name, event, handled);
          // Also for a repeated delivery: the process that handled it may have died before this callback.
          void afterHandled?.(event, payload);
        });
      });
    } catch (error) {
      // The rollback has put the row back.
      if (!taken) throw error;
      const { request_id: id, origin } = taken;
      const failed = taken;
      await inRequest({ id, origin: null, trace: traceOf(origin) }, () =>
        putBack(subscription, failed, error),
      );
    }
    return taken !== undefined;
  };

  return worker({ name: `${name} events`, db, work: WORK, pollMs: 1_000, log, run: handleNext });
};

/** Delivers events directly to subscriptions without a queue; failures are logged and not repeated. */
const deliverDirectly = <R>({ name, service, subscribers, log, afterHandled }: Subscription<R>) => {
  const byEvent = new Map<string, Subscriber<R>>(
    subscribers.map((subscriber) => [subscriber.event.name, subscriber]),
  );
  return async (messages: readonly EventMessage[]): Promise<void> => {
    for (const message of messages) {
      try {
        const opened = openEvent(byEvent, message);
        await inEvent(name, message, () => deliver(service, opened, undefined as never));
        countEvent(name, message.event, 'handled');
        await afterHandled?.(message.event, message.payload);
      } catch (error) {
        countEvent(name, message.event, 'dead');
        const { id, event, requestId, origin } = message;
        inRequest({ id: requestId, origin: null, trace: traceOf(origin) }, () => {
          log.error({ err: error, event, id }, 'event was not handled');
          reportUnhandled(name, event, error);
        });
      }
    }
  };
};

/**
 * The hub of embedded mode. A service's queue is a table in its own database, filled in the transaction that
 * deletes the events from the outbox, so it survives the process.
 */
export const inProcessHub = (): Hub => {
  /** By service. They accept events until the database closes: on the way down a relay may stop last. */
  const durable = new Map<string, LocalQueue>();
  const direct = new Set<LocalQueue>();
  return {
    queueOf: (service, db) => ({
      depth: () => depthInDatabase(db),
      deadLetters: deadLettersInDatabase(service, db),
    }),
    isOpen: () => true,
    onOpen: () => undefined,
    publish: async (messages) => {
      for (const { events, accept } of [...durable.values(), ...direct]) {
        const delivery = messages.filter((message) => events.has(message.event));
        if (delivery.length > 0) await accept(delivery);
      }
      return [];
    },
    subscribe: async (subscription) => {
      const { db, clock, subscribers } = subscription;
      const localQueue: LocalQueue = {
        events: new Set(subscribers.map((subscriber) => subscriber.event.name)),
        accept: db ? (messages) => storeInQueue(db, clock, messages) : deliverDirectly(subscription),
      };
      if (db) durable.set(subscription.name, localQueue);
      else direct.add(localQueue);
      const queue = db ? startQueue({ ...subscription, db }) : null;
      return {
        wake: () => queue?.wake(),
        stop: async () => {
          direct.delete(localQueue);
          await queue?.stop();
        },
      };
    },
  };
};
