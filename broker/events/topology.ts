import type { Channel } from 'amqplib';
import { MAX_TRIES, RETRY_DELAYS_MS } from './retry.ts';

/** The topic exchange of all events; the routing key is an event's full name. */
export const EXCHANGE = 'events';

/** The queue of a subscribing service. */
export const queueOf = (service: string): string => `${EXCHANGE}.${service}`;
/** The queue in which an event waits before another attempt; `delay` is the number of its delay, from 1. */
export const retryQueueOf = (service: string, delay: number): string => `${queueOf(service)}.retry.${delay}`;
export const deadQueueOf = (service: string): string => `${queueOf(service)}.dead`;
/** The queue of one process; deleted with its connection. */
export const processQueueOf = (service: string, nodeId: string): string =>
  `${queueOf(service)}.process.${nodeId}`;

/** RabbitMQ 4 drops a message after 20 deliveries by default; reading dead letters counts as a delivery. */
const NO_DELIVERY_LIMIT = 1_000_000_000;

/** At-least-once dead-lettering: RabbitMQ keeps a message until the next queue has confirmed it. */
const handedTo = (queue: string) => ({
  'x-queue-type': 'quorum',
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

/** Declares the exchange. */
export const declareExchange = async (channel: Channel): Promise<void> => {
  await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
};

/**
 * Declares a subscribing service's main queue with its bindings: all that an event needs to wait for the
 * service. The service declares its other queues before it consumes.
 */
export const declareQueue = async (
  channel: Channel,
  service: string,
  events: readonly string[],
): Promise<void> => {
  await channel.assertQueue(queueOf(service), {
    durable: true,
    // An event that ends the process each time is never acknowledged; RabbitMQ counts its deliveries.
    arguments: { ...handedTo(deadQueueOf(service)), 'x-delivery-limit': MAX_TRIES },
  });
  for (const event of events) await channel.bindQueue(queueOf(service), EXCHANGE, event);
};

/**
 * Declares a subscribing service's queues: its main queue, one for each retry delay, and one for dead
 * letters. Idempotent, also from several processes at once.
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
  await declareQueue(channel, service, events);
  for (const [index, delayMs] of RETRY_DELAYS_MS.entries()) {
    await channel.assertQueue(retryQueueOf(service, index + 1), {
      durable: true,
      arguments: { ...handedTo(queueOf(service)), 'x-message-ttl': delayMs },
    });
  }
};
