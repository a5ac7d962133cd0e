import type { Amqp } from '../amqp/connection.ts';
import type { Logger } from '../process/logger.ts';
import type { Hub } from './hub.ts';
import { consumeProcessQueue } from './process-queue.ts';
import { openPublisher } from './publisher.ts';
import { consumeServiceQueue } from './service-queue.ts';
import { EXCHANGE } from './topology.ts';
import { ALL_SERVICES, encode } from './wire.ts';

export type RabbitmqHubOptions = {
  amqp: Amqp;
  log: Logger;
  /** Part of the names of this process's queues. */
  nodeId: string;
  /** Users that may publish events of any service; by default only a process of all services. */
  trusted?: readonly string[];
};

/**
 * The hub of distributed mode: a quorum queue for each subscribing service, shared by its processes, and a
 * queue per process for broadcast subscriptions. Resolves when events can be published.
 */
export const rabbitmqHub = async (options: RabbitmqHubOptions): Promise<Hub> => {
  const { amqp, nodeId, trusted = [ALL_SERVICES] } = options;
  const publisher = await openPublisher(amqp);
  return {
    isOpen: publisher.isOpen,
    onOpen: publisher.onOpen,
    publish: (messages) => publisher.send(messages.map((message) => encode(message, EXCHANGE, amqp.user))),
    subscribe: (subscription) => {
      const { db } = subscription;
      const context = { amqp, publisher, trusted };
      return db
        ? consumeServiceQueue({ ...subscription, db }, context)
        : consumeProcessQueue(subscription, { ...context, nodeId });
    },
  };
};
