import { setTimeout as sleep } from 'node:timers/promises';
import {
  causeOf,
  COUNTED_AS,
  DEFAULT_WAIT_MS,
  isAway,
  OUTCOMES,
  PAUSE_MS,
  reportUnhandled,
  verdictOf,
  type Verdict,
} from './retry.ts';
import type { ConsumeMessage } from 'amqplib';
import type { Amqp } from '../amqp/connection.ts';
import { inRequest } from '../calls/request-context.ts';
import type { OpenChannel } from '../amqp/channel.ts';
import type { Database } from '../postgres/database.ts';
import { countEvent } from '../telemetry/metrics.ts';
import { PoisonMessage } from './event-message.ts';
import type { Subscription } from './hub.ts';
import { handleOnce, inEvent, openEvent, type OpenedEvent } from './inbox.ts';
import { startConsumer, type RawDelivery } from './consumer.ts';
import type { Publisher } from './publisher.ts';
import { deadQueueOf, declareTopology, queueOf, retryQueueOf } from './topology.ts';
import { republish, decode, headersOf, publisherOf, requestOf } from './wire.ts';
import type { Worker } from '../process/worker.ts';

const DEFAULT_CONCURRENCY = 4;
/**
 * Messages fetched per concurrent handler: enough to avoid waiting for RabbitMQ, few enough to limit
 * redeliveries after a crash.
 */
const PREFETCH_PER_EVENT = 4;

type Context = { amqp: Amqp; publisher: Publisher; trusted: readonly string[] };
type ServiceSubscription<R> = Subscription<R> & { db: Database };

const eventsOf = (subscribers: readonly { event: { name: string } }[]): string[] =>
  subscribers.map(({ event }) => event.name);

/** The queue that follows a failed attempt. */
const queueAfter = (service: string, { kind, delay }: Verdict): string =>
  kind === 'dead' ? deadQueueOf(service) : retryQueueOf(service, delay);

/** Sends a failed event to the queue of its next attempt, or to the dead letters. */
const putBack = async <R>(
  { name, subscribers, clock, log, waitMs = DEFAULT_WAIT_MS }: ServiceSubscription<R>,
  { amqp, publisher }: Context,
  { channel, raw }: RawDelivery,
  error: unknown,
): Promise<void> => {
  const known = headersOf(raw.properties);
  const nowMs = clock.nowMs();
  const nowIso = new Date(nowMs).toISOString();
  const firstFailureAt = known.firstFailureAt ?? nowIso;
  const before = { attempts: Number(known.attempts ?? 0), firstFailedAtMs: Date.parse(firstFailureAt) };
  const verdict = verdictOf(error, before, nowMs, waitMs);
  const { kind, attempts } = verdict;
  const queue = queueAfter(name, verdict);
  const failed = {
    attempts,
    publishedBy: publisherOf(raw.properties, name),
    firstFailureAt,
    lastFailureAt: nowIso,
    cause: causeOf(error),
    origin: queueOf(name),
  };
  const unrouted = await publisher.send([republish(raw, queue, amqp.user, failed)]);
  if (unrouted.length > 0) {
    // It was deleted. The event stays in the main queue until this service has declared it again.
    await declareTopology(channel, name, eventsOf(subscribers));
    throw new Error(`there was no queue ${queue}`);
  }
  const event = String(raw.properties.type ?? 'unknown');
  // The name comes from outside and would be a metric's label.
  countEvent(name, error instanceof PoisonMessage ? 'unreadable' : event, COUNTED_AS[kind]);
  const about = { err: error, event, id: raw.properties.messageId as unknown, attempts, firstFailureAt };
  log[kind === 'dead' ? 'error' : 'warn'](about, OUTCOMES[kind]);
  if (kind === 'dead') reportUnhandled(name, event, error);
};

/** Whether the service's own database is the dependency that is away: no event can be handled then. */
const isDatabaseAway = async (db: Database, error: unknown): Promise<boolean> =>
  isAway(error) &&
  (await db.query('select 1').then(
    () => false,
    () => true,
  ));

/**
 * Handles an event; while the service's database is unreachable it waits and retries. Rejects when the event
 * failed.
 * @returns false when it gave up because the delivery is no longer wanted
 */
const handle = async <R>(
  subscription: ServiceSubscription<R>,
  opened: OpenedEvent<R>,
  isWanted: () => boolean,
): Promise<boolean> => {
  const { name, service, db, clock, log, afterHandled } = subscription;
  const { event, id, payload } = opened.message;
  for (; isWanted(); await sleep(PAUSE_MS)) {
    try {
      countEvent(name, event, await db.transaction((tx) => handleOnce(service, opened, tx, clock)));
      // Also for a repeated delivery: the process that handled it may have died before this callback.
      await afterHandled?.(event, payload);
      return true;
    } catch (error) {
      if (!(await isDatabaseAway(db, error))) throw error;
      log.warn({ err: error, event, id }, 'event waits for the database');
    }
  }
  return false;
};

/**
 * Consumes the queue that the service's processes share: each event in one transaction with its effect and
 * its inbox row, acknowledged after the commit.
 */
export const consumeServiceQueue = async <R>(
  subscription: ServiceSubscription<R>,
  context: Context,
): Promise<Worker> => {
  const { name, subscribers, concurrency = DEFAULT_CONCURRENCY } = subscription;
  const byEvent = new Map(subscribers.map((subscriber) => [subscriber.event.name, subscriber]));

  const read = (raw: ConsumeMessage) => {
    try {
      return openEvent(byEvent, decode(raw, name, context.trusted));
    } catch (error) {
      // Parsing fails the same way every time.
      throw error instanceof PoisonMessage
        ? error
        : new PoisonMessage(`it cannot be read: ${causeOf(error)}`);
    }
  };

  const run = async (delivery: RawDelivery, isWanted: () => boolean): Promise<boolean> => {
    try {
      const opened = read(delivery.raw);
      return await inEvent(name, opened.message, () => handle(subscription, opened, isWanted));
    } catch (failure) {
      // The message stays unacknowledged until the next queue has it.
      for (;;) {
        const isSafe = await inRequest(requestOf(delivery.raw), () =>
          putBack(subscription, context, delivery, failure),
        ).then(
          () => true,
          () => false,
        );
        if (isSafe || !isWanted()) return isSafe;
        await sleep(PAUSE_MS);
      }
    }
  };

  const consumer = startConsumer(concurrency, run);
  const channel = await context.amqp.channel({
    name: queueOf(name),
    setUp: async (open: OpenChannel) => {
      await declareTopology(open, name, eventsOf(subscribers));
      await open.prefetch(concurrency * PREFETCH_PER_EVENT);
      consumer.open(open);
      const { consumerTag } = await open.consume(queueOf(name), (raw) => {
        // RabbitMQ has deleted or moved the queue.
        if (!raw) return void open.close().catch(() => undefined);
        consumer.add({ channel: open, raw });
      });
      consumer.consuming(consumerTag);
    },
    lost: () => consumer.lost(),
  });
  return {
    wake: () => undefined,
    stop: async () => {
      await consumer.stop();
      await channel.close();
    },
  };
};
