import type { Channel } from 'amqplib';
import { MAX_TRIES, RETRY_DELAYS_MS } from './retry.ts';

/** The topic exchange of all facts; the routing key is a fact's full name. */
export const EXCHANGE = 'facts';

/** Where the facts of a hearing room wait. */
export const queueOf = (room: string): string => `${EXCHANGE}.${room}`;
/** Where a fact waits for its next try after `tries` of them, 1 to 4. */
export const retryQueueOf = (room: string, tries: number): string => `${queueOf(room)}.retry.${tries}`;
export const deadQueueOf = (room: string): string => `${queueOf(room)}.dead`;
/** For a room that keeps nothing: ends with its process. */
export const processQueueOf = (room: string, nodeId: string): string => `${queueOf(room)}.process.${nodeId}`;

/** Newer versions of RabbitMQ drop what was delivered 20 times; looking at dead letters delivers them. */
const NO_DELIVERY_LIMIT = 1_000_000_000;

/** Dead-lettered at least once: RabbitMQ keeps a message until the next queue has confirmed it. */
const handedTo = (queue: string) => ({
  'x-queue-type': 'quorum',
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

/** Declares the exchange; whoever tells facts needs no more. */
export const declareExchange = async (channel: Channel): Promise<void> => {
  await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
};

/**
 * Declares what a room with a database needs to hear `facts`: its queue, one queue for each wait between two
 * tries, and its dead letters. Safe to run again and from several processes at once. Facts told before it
 * ran first do not reach the room.
 */
export const declareTopology = async (
  channel: Channel,
  room: string,
  facts: readonly string[],
): Promise<void> => {
  await declareExchange(channel);
  await channel.assertQueue(deadQueueOf(room), {
    durable: true,
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': NO_DELIVERY_LIMIT },
  });
  await channel.assertQueue(queueOf(room), {
    durable: true,
    // A fact that ends the process each time is not acknowledged; RabbitMQ counts its deliveries.
    arguments: { ...handedTo(deadQueueOf(room)), 'x-delivery-limit': MAX_TRIES },
  });
  for (const [index, delayMs] of RETRY_DELAYS_MS.entries()) {
    await channel.assertQueue(retryQueueOf(room, index + 1), {
      durable: true,
      arguments: { ...handedTo(queueOf(room)), 'x-message-ttl': delayMs },
    });
  }
  for (const fact of facts) await channel.bindQueue(queueOf(room), EXCHANGE, fact);
};
