import type { Channel } from 'amqplib';
import { MAX_TRIES, RETRY_DELAYS_MS } from './retry.ts';

/** The topic exchange of all events; the routing key is an event's full name. */
export const EXCHANGE = 'events';

/** Where the events of a subscription service wait. */
export const queueOf = (service: string): string => `${EXCHANGE}.${service}`;
/** Where an event waits for its next try after `tries` of them, 1 to 4. */
export const retryQueueOf = (service: string, tries: number): string => `${queueOf(service)}.retry.${tries}`;
export const deadQueueOf = (service: string): string => `${queueOf(service)}.dead`;
/** For a service that keeps nothing: ends with its process. */
export const processQueueOf = (service: string, nodeId: string): string =>
  `${queueOf(service)}.process.${nodeId}`;

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

/** Declares the exchange; whoever tells events needs no more. */
export const declareExchange = async (channel: Channel): Promise<void> => {
  await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
};

/**
 * Declares what a service with a database needs to subscribe `events`: its queue, one queue for each wait
 * between two
 * tries, and its dead letters. Safe to run again and from several processes at once. Events told before it
 * ran first do not reach the service.
 */
export const declareTopology = async (
  channel: Channel,
  service: string,
  events: readonly string[],
): Promise<void> => {
  await declareExchange(channel);
  await channel.assertQueue(deadQueueOf(service), {
    durable: true,
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': NO_DELIVERY_LIMIT },
  });
  await channel.assertQueue(queueOf(service), {
    durable: true,
    // An event that ends the process each time is not acknowledged; RabbitMQ counts its deliveries.
    arguments: { ...handedTo(deadQueueOf(service)), 'x-delivery-limit': MAX_TRIES },
  });
  for (const [index, delayMs] of RETRY_DELAYS_MS.entries()) {
    await channel.assertQueue(retryQueueOf(service, index + 1), {
      durable: true,
      arguments: { ...handedTo(queueOf(service)), 'x-message-ttl': delayMs },
    });
  }
  for (const event of events) await channel.bindQueue(queueOf(service), EXCHANGE, event);
};
