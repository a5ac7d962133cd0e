import type { Amqp } from '../amqp/connection.ts';
import type { Logger } from '../logger.ts';
import type { Hub } from './hub.ts';
import { hearOnProcessQueue } from './process-queue.ts';
import { openPublisher } from './publisher.ts';
import { hearOnRoomQueue } from './room-queue.ts';
import { EXCHANGE } from './topology.ts';
import { ALL_ROOMS, encode } from './wire.ts';

export type RabbitmqHubOptions = {
  amqp: Amqp;
  log: Logger;
  /** Names the queues that end with this process. */
  nodeId: string;
  /** Logins that may tell the facts of any room; only the one of a process of all rooms unless said. */
  trusted?: readonly string[];
};

/**
 * The hub of processes that share a RabbitMQ: a quorum queue for each hearing room, shared by its processes;
 * a queue of its own for each process of a room that keeps nothing. Resolves when facts can be told.
 */
export const rabbitmqHub = async (options: RabbitmqHubOptions): Promise<Hub> => {
  const { amqp, nodeId, trusted = [ALL_ROOMS] } = options;
  const publisher = await openPublisher(amqp);
  return {
    isOpen: publisher.isOpen,
    onOpen: publisher.onOpen,
    publish: (messages) => publisher.send(messages.map((message) => encode(message, EXCHANGE, amqp.user))),
    hear: (hearing) => {
      const { db } = hearing;
      const place = { amqp, publisher, trusted };
      return db
        ? hearOnRoomQueue({ ...hearing, db }, place)
        : hearOnProcessQueue(hearing, { ...place, nodeId });
    },
  };
};
