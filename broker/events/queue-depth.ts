import type { Channel } from 'amqplib';
import type { Queryable } from '../postgres/database.ts';
import type { OnChannel } from './rabbitmq-dead-letters.ts';
import { RETRY_DELAYS_MS } from './retry.ts';
import { deadQueueOf, queueOf, retryQueueOf } from './topology.ts';

/** The events in the queue of a subscribing service. */
export type QueueDepth = {
  waiting: number;
  /** Between two attempts. */
  retrying: number;
  dead: number;
  /** Processes that take from the queue; null without RabbitMQ. */
  consumers: number | null;
};

/** RabbitMQ's reply for a missing queue; it closes the channel. */
const NOT_FOUND = 404;
const MOST_ROWS = 10_000;

const NONE = { messageCount: 0, consumerCount: 0 };

const queuesOf = (service: string): string[] => [
  queueOf(service),
  deadQueueOf(service),
  ...RETRY_DELAYS_MS.map((_delay, index) => retryQueueOf(service, index + 1)),
];

const depthsOn = async (channel: Channel, queues: readonly string[]) => {
  const found = [];
  for (const queue of queues) found.push(await channel.checkQueue(queue));
  return found;
};

const unlessMissing = (error: { code?: number }): null => {
  if (error.code === NOT_FOUND) return null;
  throw error;
};

/**
 * Asks RabbitMQ for the queues of a service, which its login must be allowed to see.
 * @returns null where the service has no queue
 */
export const depthOnRabbitmq = async (onChannel: OnChannel, service: string): Promise<QueueDepth | null> => {
  const queues = queuesOf(service);
  let found = await onChannel((channel) => depthsOn(channel, queues)).catch(unlessMissing);
  if (!found) {
    // A publisher declares the main queue alone before the service's first start.
    const each = queues.map((queue) => onChannel((one) => one.checkQueue(queue)).catch(unlessMissing));
    const [main, ...others] = await Promise.all(each);
    if (!main) return null;
    found = [main, ...others.map((one) => one ?? { ...NONE, queue: '' })];
  }
  const [main = NONE, dead = NONE, ...retries] = found;
  return {
    waiting: main.messageCount,
    retrying: retries.reduce((sum, { messageCount }) => sum + messageCount, 0),
    dead: dead.messageCount,
    consumers: main.consumerCount,
  };
};

/** The queue in a service's own database (embedded mode); more than 10,000 waiting events are not counted. */
export const depthInDatabase = async (db: Queryable): Promise<QueueDepth> => {
  const [row] = await db.query<{ waiting: number; retrying: number; dead: number }>(
    `select count(*) filter (where first_failed_at is null)::int as waiting,
       count(*) filter (where first_failed_at is not null)::int as retrying,
       (select count(*)::int from event_queue where dead_at is not null) as dead
     from (
       select first_failed_at from event_queue where next_attempt_at is not null limit ${MOST_ROWS}
     ) alive`,
  );
  return { waiting: 0, retrying: 0, dead: 0, ...row, consumers: null };
};

/** Events that wait in a service's outbox, at most 10,000, and the age of the oldest in seconds. */
export type OutboxLag = { rows: number; oldestS: number };

export const outboxLagOf = async (db: Queryable): Promise<OutboxLag> => {
  const [row] = await db.query<OutboxLag>(
    `select (select count(*) from (select from outbox limit ${MOST_ROWS}) counted)::int as rows,
       greatest(0, coalesce((
         select extract(epoch from now() - occurred_at) from outbox order by seq limit 1
       ), 0))::float8 as "oldestS"`,
  );
  return row ?? { rows: 0, oldestS: 0 };
};
