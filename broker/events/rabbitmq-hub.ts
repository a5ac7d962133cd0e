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
  /** Names the queues that end with this process. */
  nodeId: string;
  /**
   * Logins that may tell the events of any service; only the one of a process of all services unless said.
   */
  trusted?: readonly string[];
};

/**
 * The hub of processes that share a RabbitMQ: a quorum queue for each subscription service, shared by its
 * processes;
 * a queue of its own for each process of a service that keeps nothing. Resolves when events can be told.
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
