import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel, ConfirmChannel, GetMessage } from 'amqplib';
import type { Database } from '../postgres/database.ts';
import { deadQueueOf, queueOf } from './topology.ts';
import { republish, headersOf, publisherOf } from './wire.ts';

/** An event that a service could not handle. Times are ISO 8601. */
export type DeadLetter = {
  /** The service that failed. */
  service: string;
  id: string;
  event: string;
  version: number | null;
  cause: string;
  /** Failed attempts; null where RabbitMQ's delivery limit removed an event whose process ended each time. */
  attempts: number | null;
  firstFailureAt: string | null;
  lastFailureAt: string | null;
  requestId: string | null;
  sizeBytes: number;
  payload: string;
};

/** The dead letters of one service. */
export type DeadLetters = {
  /** Reads the oldest dead letters without removing them. */
  list(limit?: number): Promise<DeadLetter[]>;
  /**
   * Sends dead letters back to the service that failed, and to no other, with all attempts renewed. One that
   * the service has handled since has no second effect.
   * @param which ids as `list` returns them
   * @returns those that were (in a dry run: would be) sent back
   */
  replay(which: readonly string[] | 'all', options?: { dryRun?: boolean }): Promise<DeadLetter[]>;
};

const LIST_LIMIT = 1_000;
/** RabbitMQ's reply for a missing queue; it closes the channel. */
const NOT_FOUND = 404;
const REQUEUE_LIMIT_MS = 2_000;
const REQUEUE_POLL_MS = 20;

type DeadRow = {
  id: string;
  event: string;
  version: number;
  cause: string | null;
  attempts: number;
  first_failed_at: Date | null;
  last_failed_at: Date | null;
  request_id: string | null;
  payload: string;
};

const isChosen = (which: readonly string[] | 'all', id: string): boolean =>
  which === 'all' || which.includes(id);

/** The dead letters in a service's own database (embedded mode). */
export const deadLettersInDatabase = (service: string, db: Pick<Database, 'query' | 'wake'>): DeadLetters => {
  const list = async (limit = LIST_LIMIT): Promise<DeadLetter[]> => {
    const rows = await db.query<DeadRow>(
      `select id, event, version, cause, attempts, first_failed_at, last_failed_at, request_id, payload
       from event_queue where dead_at is not null order by dead_at, seq limit $1`,
      [limit],
    );
    return rows.map((row) => ({
      service,
      id: row.id,
      event: row.event,
      version: row.version,
      cause: row.cause ?? 'unknown',
      attempts: row.attempts,
      firstFailureAt: row.first_failed_at?.toISOString() ?? null,
      lastFailureAt: row.last_failed_at?.toISOString() ?? null,
      requestId: row.request_id,
      sizeBytes: Buffer.byteLength(row.payload),
      payload: row.payload,
    }));
  };
  return {
    list,
    replay: async (which, { dryRun = false } = {}) => {
      const chosen = (await list(Number.MAX_SAFE_INTEGER)).filter(({ id }) => isChosen(which, id));
      if (dryRun || chosen.length === 0) return chosen;
      await db.query(
        `update event_queue set attempts = 0, next_attempt_at = occurred_at, dead_at = null, cause = null,
           first_failed_at = null, last_failed_at = null where id = any($1) and dead_at is not null`,
        [chosen.map(({ id }) => id)],
      );
      db.wake('event_queue');
      return chosen;
    },
  };
};

type Death = { reason?: string; time?: { value?: number } };

/** RabbitMQ's record of the dead-lettering. */
const deathOf = ({ properties }: GetMessage): Death | undefined =>
  (properties.headers?.['x-death'] as Death[] | undefined)?.[0];

/** A message without an id is identified by its bytes. */
const idOf = ({ properties, content }: GetMessage): string => {
  const id = properties.messageId as unknown;
  if (typeof id === 'string') return id;
  return `raw_${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
};

export const deadLetterOf = (service: string, message: GetMessage): DeadLetter => {
  const { content, properties } = message;
  const { cause, attempts, firstFailureAt, lastFailureAt, requestId, version } = headersOf(properties);
  const death = deathOf(message);
  const diedAt = death?.time?.value === undefined ? null : new Date(death.time.value * 1_000).toISOString();
  const isByLimit = cause === undefined || death?.reason === 'delivery_limit';
  return {
    service,
    id: idOf(message),
    event: String(properties.type ?? 'unknown'),
    version: version ?? null,
    cause: isByLimit ? 'its process ended, or lost its connection, at each delivery' : cause,
    attempts: isByLimit ? null : (attempts ?? null),
    firstFailureAt: firstFailureAt ?? diedAt,
    lastFailureAt: isByLimit ? diedAt : (lastFailureAt ?? null),
    requestId: requestId ?? null,
    sizeBytes: content.length,
    payload: content.toString('utf8'),
  };
};

/**
 * Reads each message of a queue once; those for which `take` resolves to true are removed, the others stay.
 */
export const eachMessage = async (
  model: ChannelModel,
  queue: string,
  limit: number,
  take: (message: GetMessage, channel: ConfirmChannel) => Promise<boolean>,
): Promise<void> => {
  const channel = await model.createConfirmChannel();
  // The promise is rejected for a missing queue; an unhandled event would end the process.
  channel.on('error', () => undefined);
  const messageCount = await channel.checkQueue(queue).then(
    (found) => found.messageCount,
    (error: { code?: number }) => {
      // A service that has never run here has no queue and no dead letters.
      if (error.code === NOT_FOUND) return null;
      throw error;
    },
  );
  if (messageCount === null) return;
  let [seen, left] = [0, 0];
  while (seen < Math.min(messageCount, limit)) {
    const message = await channel.get(queue);
    if (!message) break;
    seen += 1;
    if (await take(message, channel)) channel.ack(message);
    else left += 1;
  }
  // Messages that stay must be back in the queue before the next read.
  if (left > 0) channel.nackAll(true);
  const endMs = performance.now() + REQUEUE_LIMIT_MS;
  while (left > 0 && performance.now() < endMs) {
    if ((await channel.checkQueue(queue)).messageCount >= left) break;
    await sleep(REQUEUE_POLL_MS);
  }
  await channel.close();
};

const sendBack = (
  channel: ConfirmChannel,
  message: GetMessage,
  service: string,
  userId: string,
): Promise<void> => {
  const queue = queueOf(service);
  const { routingKey, content, options } = republish(message, queue, userId, {
    publishedBy: publisherOf(message.properties, service),
    attempts: undefined,
    firstFailureAt: undefined,
    lastFailureAt: undefined,
    cause: undefined,
    origin: undefined,
  });
  return new Promise((resolve, reject) => {
    let isRouted = true;
    const onReturn = () => (isRouted = false);
    channel.once('return', onReturn);
    channel.publish('', routingKey, content, options, (error) => {
      channel.off('return', onReturn);
      if (error) reject(error);
      else if (isRouted) resolve();
      else reject(new Error(`there is no queue ${queue}: start the service, or run the command upgrade`));
    });
  });
};

/**
 * The dead letters of a service on RabbitMQ.
 * @param model a connection that may read and write the service's queues
 * @param userId the user of that connection
 */
export const deadLettersOnRabbitmq = (service: string, model: ChannelModel, userId: string): DeadLetters => {
  const readAll = async (
    limit: number,
    take: (
      letter: DeadLetter,
      message: GetMessage,
      channel: ConfirmChannel,
    ) => Promise<'skipped' | 'listed' | 'removed'>,
  ): Promise<DeadLetter[]> => {
    const letters: DeadLetter[] = [];
    await eachMessage(model, deadQueueOf(service), limit, async (message, channel) => {
      const letter = deadLetterOf(service, message);
      const what = await take(letter, message, channel);
      if (what !== 'skipped') letters.push(letter);
      return what === 'removed';
    });
    return letters;
  };
  return {
    list: (limit = LIST_LIMIT) => readAll(limit, async () => 'listed'),
    replay: (which, { dryRun = false } = {}) =>
      readAll(Number.MAX_SAFE_INTEGER, async (letter, message, channel) => {
        if (!isChosen(which, letter.id)) return 'skipped';
        if (dryRun) return 'listed';
        await sendBack(channel, message, service, userId);
        return 'removed';
      }),
  };
};
