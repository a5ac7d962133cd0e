import { isUnavailable, MAX_TRIES, PATIENCE_MS, PAUSE_MS, causeOf } from './retry.ts';
import type { ConsumeMessage } from 'amqplib';
import type { Amqp } from '../amqp/connection.ts';
import type { OpenChannel } from '../amqp/channel.ts';
import type { Database } from '../postgres/database.ts';
import { countFact } from '../telemetry/metrics.ts';
import { HopelessFact } from './fact-message.ts';
import type { Hearing } from './hub.ts';
import { handleOnce, openFact, startCleaning, type OpenedFact } from './inbox.ts';
import { startLane, type Delivery } from './lane.ts';
import type { Publisher } from './publisher.ts';
import { deadQueueOf, declareTopology, queueOf, retryQueueOf } from './topology.ts';
import { again, decode, headersOf, tellerOf } from './wire.ts';
import type { Worker } from './worker.ts';

const DEFAULT_CONCURRENCY = 4;
/** Per fact that is handled at once: enough that none waits for RabbitMQ, few that a crash takes along. */
const PREFETCH_PER_FACT = 4;

type Place = { amqp: Amqp; publisher: Publisher; trusted: readonly string[] };
type RoomHearing<R> = Hearing<R> & { db: Database };

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));

/** Sends a fact that failed to where it waits for its next try, or to the dead letters. */
const putBack = async <R>(
  { name, clock, log }: RoomHearing<R>,
  { amqp, publisher }: Place,
  raw: ConsumeMessage,
  error: unknown,
): Promise<void> => {
  const known = headersOf(raw.properties);
  const attempts = Number(known.attempts ?? 0) + 1;
  const isDead = error instanceof HopelessFact || attempts >= MAX_TRIES;
  const nowIso = clock.iso();
  const failed = {
    attempts,
    toldBy: tellerOf(raw.properties, name),
    firstFailureAt: known.firstFailureAt ?? nowIso,
    lastFailureAt: nowIso,
    cause: causeOf(error),
    origin: queueOf(name),
  };
  const queue = isDead ? deadQueueOf(name) : retryQueueOf(name, attempts);
  await publisher.send([again(raw, queue, amqp.user, failed)]);
  const fact = String(raw.properties.type ?? 'unknown');
  // The name comes from outside and is a label of a metric.
  countFact(name, error instanceof HopelessFact ? 'unreadable' : fact, isDead ? 'dead' : 'retried');
  const about = { err: error, fact, id: raw.properties.messageId as unknown, attempts };
  log[isDead ? 'error' : 'warn'](about, isDead ? 'a fact became a dead letter' : 'a fact failed');
};

/** A database that is away is nobody's fault; one that answers while its facts fail is somebody's. */
const isWorthWaiting = async (db: Database, error: unknown, sinceMs: number): Promise<boolean> => {
  if (!isUnavailable(error)) return false;
  if (performance.now() - sinceMs < PATIENCE_MS) return true;
  return db.query('select 1').then(
    () => false,
    () => true,
  );
};

/**
 * Handles a fact; as long as the database is away it is kept and tried again.
 * Rejects when it failed.
 * @returns false when it was given up because nobody waits for it any more
 */
const handle = async <R>(
  hearing: RoomHearing<R>,
  opened: OpenedFact<R>,
  isWanted: () => boolean,
): Promise<boolean> => {
  const { name, room, db, clock, log, afterHandled } = hearing;
  const { fact, id } = opened.message;
  for (const sinceMs = performance.now(); isWanted(); await pause()) {
    try {
      const isNew = await db.transaction((tx) => handleOnce(room, opened, tx, clock));
      if (isNew) countFact(name, fact, 'handled');
      // Also when it was handled before: the process that did may have died before it told anybody.
      afterHandled?.(fact);
      return true;
    } catch (error) {
      if (!(await isWorthWaiting(db, error, sinceMs))) throw error;
      log.warn({ err: error, fact, id }, 'a fact waits for what it needs');
    }
  }
  return false;
};

/**
 * Hears facts on the room's queue, together with the room's other processes: each fact in one transaction
 * with its effect and the memory of it, acknowledged after the commit.
 */
export const hearOnRoomQueue = async <R>(hearing: RoomHearing<R>, place: Place): Promise<Worker> => {
  const { name, db, listeners, clock, log, concurrency = DEFAULT_CONCURRENCY } = hearing;
  const byFact = new Map(listeners.map((listener) => [listener.fact.name, listener]));

  const read = (raw: ConsumeMessage) => {
    try {
      return openFact(byFact, decode(raw, name, place.trusted));
    } catch (error) {
      // Whatever fails here will fail the same way each time.
      throw error instanceof HopelessFact ? error : new HopelessFact(`it cannot be read: ${causeOf(error)}`);
    }
  };

  const run = async ({ raw }: Delivery, isWanted: () => boolean): Promise<boolean> => {
    try {
      return await handle(hearing, read(raw), isWanted);
    } catch (failure) {
      // Not to be lost between two queues: it stays where it is until the next one has it.
      for (;;) {
        const isSafe = await putBack(hearing, place, raw, failure).then(
          () => true,
          () => false,
        );
        if (isSafe || !isWanted()) return isSafe;
        await pause();
      }
    }
  };

  const lane = startLane(concurrency, run);
  const channel = await place.amqp.channel({
    name: queueOf(name),
    setUp: async (open: OpenChannel) => {
      await declareTopology(open, name, [...byFact.keys()]);
      await open.prefetch(concurrency * PREFETCH_PER_FACT);
      lane.open(open);
      const { consumerTag } = await open.consume(queueOf(name), (raw) => {
        // RabbitMQ has ended the queue or moved it.
        if (!raw) return void open.close().catch(() => undefined);
        lane.add({ channel: open, raw });
      });
      lane.consuming(consumerTag);
    },
    lost: () => lane.lost(),
  });
  const stopCleaning = startCleaning(db, clock, log);
  return {
    wake: () => undefined,
    stop: async () => {
      stopCleaning();
      await lane.stop();
      await channel.close();
    },
  };
};
