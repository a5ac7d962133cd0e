import { isUnavailable, MAX_TRIES, PATIENCE_MS, PAUSE_MS, causeOf } from './retry.ts';
import type { ConsumeMessage } from 'amqplib';
import type { Amqp } from '../amqp/connection.ts';
import type { OpenChannel } from '../amqp/channel.ts';
import type { Database } from '../postgres/database.ts';
import { countEvent } from '../telemetry/metrics.ts';
import { PoisonMessage } from './event-message.ts';
import type { Subscription } from './hub.ts';
import { handleOnce, openEvent, type OpenedEvent } from './inbox.ts';
import { startConsumer, type RawDelivery } from './consumer.ts';
import type { Publisher } from './publisher.ts';
import { deadQueueOf, declareTopology, queueOf, retryQueueOf } from './topology.ts';
import { republish, decode, headersOf, publisherOf } from './wire.ts';
import type { Worker } from '../process/worker.ts';

const DEFAULT_CONCURRENCY = 4;
/** Per event that is handled at once: enough that none waits for RabbitMQ, few that a crash takes along. */
const PREFETCH_PER_EVENT = 4;

type Context = { amqp: Amqp; publisher: Publisher; trusted: readonly string[] };
type ServiceSubscription<R> = Subscription<R> & { db: Database };

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));

/** Sends an event that failed to where it waits for its next try, or to the dead letters. */
const putBack = async <R>(
  { name, clock, log }: ServiceSubscription<R>,
  { amqp, publisher }: Context,
  raw: ConsumeMessage,
  error: unknown,
): Promise<void> => {
  const known = headersOf(raw.properties);
  const attempts = Number(known.attempts ?? 0) + 1;
  const isDead = error instanceof PoisonMessage || attempts >= MAX_TRIES;
  const nowIso = clock.iso();
  const failed = {
    attempts,
    publishedBy: publisherOf(raw.properties, name),
    firstFailureAt: known.firstFailureAt ?? nowIso,
    lastFailureAt: nowIso,
    cause: causeOf(error),
    origin: queueOf(name),
  };
  const queue = isDead ? deadQueueOf(name) : retryQueueOf(name, attempts);
  await publisher.send([republish(raw, queue, amqp.user, failed)]);
  const event = String(raw.properties.type ?? 'unknown');
  // The name comes from outside and is a label of a metric.
  countEvent(name, error instanceof PoisonMessage ? 'unreadable' : event, isDead ? 'dead' : 'retried');
  const about = { err: error, event, id: raw.properties.messageId as unknown, attempts };
  log[isDead ? 'error' : 'warn'](about, isDead ? 'an event became a dead letter' : 'an event failed');
};

/** A database that is away is nobody's fault; one that answers while its events fail is somebody's. */
const isWorthWaiting = async (db: Database, error: unknown, sinceMs: number): Promise<boolean> => {
  if (!isUnavailable(error)) return false;
  if (performance.now() - sinceMs < PATIENCE_MS) return true;
  return db.query('select 1').then(
    () => false,
    () => true,
  );
};

/**
 * Handles an event; as long as the database is away it is kept and tried republish.
 * Rejects when it failed.
 * @returns false when it was given up because nobody waits for it any more
 */
const handle = async <R>(
  subscription: ServiceSubscription<R>,
  opened: OpenedEvent<R>,
  isWanted: () => boolean,
): Promise<boolean> => {
  const { name, service, db, clock, log, afterHandled } = subscription;
  const { event, id } = opened.message;
  for (const sinceMs = performance.now(); isWanted(); await pause()) {
    try {
      const isNew = await db.transaction((tx) => handleOnce(service, opened, tx, clock));
      if (isNew) countEvent(name, event, 'handled');
      // Also when it was handled before: the process that did may have died before it told anybody.
      afterHandled?.(event);
      return true;
    } catch (error) {
      if (!(await isWorthWaiting(db, error, sinceMs))) throw error;
      log.warn({ err: error, event, id }, 'an event waits for what it needs');
    }
  }
  return false;
};

/**
 * Hears events on the service's queue, together with the service's other processes: each event in one
 * transaction
 * with its effect and the memory of it, acknowledged after the commit.
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
      // Whatever fails here will fail the same way each time.
      throw error instanceof PoisonMessage
        ? error
        : new PoisonMessage(`it cannot be read: ${causeOf(error)}`);
    }
  };

  const run = async ({ raw }: RawDelivery, isWanted: () => boolean): Promise<boolean> => {
    try {
      return await handle(subscription, read(raw), isWanted);
    } catch (failure) {
      // Not to be lost between two queues: it stays where it is until the next one has it.
      for (;;) {
        const isSafe = await putBack(subscription, context, raw, failure).then(
          () => true,
          () => false,
        );
        if (isSafe || !isWanted()) return isSafe;
        await pause();
      }
    }
  };

  const consumer = startConsumer(concurrency, run);
  const channel = await context.amqp.channel({
    name: queueOf(name),
    setUp: async (open: OpenChannel) => {
      await declareTopology(open, name, [...byEvent.keys()]);
      await open.prefetch(concurrency * PREFETCH_PER_EVENT);
      consumer.open(open);
      const { consumerTag } = await open.consume(queueOf(name), (raw) => {
        // RabbitMQ has ended the queue or moved it.
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
