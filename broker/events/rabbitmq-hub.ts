import type { Amqp } from '../amqp/connection.ts';
import type { Logger } from '../process/logger.ts';
import type { EventMessage } from './event-message.ts';
import type { Hub, ServiceQueue } from './hub.ts';
import { consumeProcessQueue } from './process-queue.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { openPublisher } from './publisher.ts';
import { depthOnRabbitmq } from './queue-depth.ts';
import { deadLettersOnRabbitmq, type QueueAccess } from './rabbitmq-dead-letters.ts';
import { consumeServiceQueue } from './service-queue.ts';
import { subscriberQueues, type Subscribers } from './subscriber-queues.ts';
import { EXCHANGE } from './topology.ts';
import { ALL_SERVICES, encode } from './wire.ts';

export type RabbitmqHubOptions = {
  amqp: Amqp;
  log: Logger;
  /** Part of the names of this process's queues. */
  nodeId: string;
  /** The services that subscribe to the events of this process; by default none is known. */
  subscribers?: Subscribers;
  /** Users that may publish events of any service; by default only a process of all services. */
  trusted?: readonly string[];
};

/**
 * A reader of dead letters takes all of them and gives them back, so that another one would see none
 * meanwhile: readers wait for each other, and the number from before counts until they have ended.
 */
const queueOnRabbitmq = (service: string, access: QueueAccess): ServiceQueue => {
  const letters = deadLettersOnRabbitmq(service, access);
  const alone = oneAtATime();
  let [reading, readings] = [0, 0];
  let deadBefore: number | null = null;
  const read = <T>(task: () => Promise<T>): Promise<T> => {
    reading += 1;
    readings += 1;
    return alone(task).finally(() => (reading -= 1));
  };
  return {
    depth: async () => {
      const before = readings;
      const wasRead = reading > 0;
      const depth = await depthOnRabbitmq(access.onChannel, service);
      if (!depth) return null;
      const isDisturbed = wasRead || readings !== before;
      const dead = isDisturbed && deadBefore !== null ? deadBefore : depth.dead;
      deadBefore = dead;
      return { ...depth, dead };
    },
    deadLetters: {
      list: (limit) => read(() => letters.list(limit)),
      find: (id) => read(() => letters.find(id)),
      replay: (which, options) => read(() => letters.replay(which, options)),
      discard: (which) => read(() => letters.discard(which)),
    },
  };
};

/**
 * The hub of distributed mode: a quorum queue for each subscribing service, shared by its processes, and a
 * queue per process for broadcast subscriptions. Resolves when events can be published.
 */
export const rabbitmqHub = async (options: RabbitmqHubOptions): Promise<Hub> => {
  const { amqp, log, nodeId, subscribers = new Map(), trusted = [ALL_SERVICES] } = options;
  const queues = subscriberQueues(subscribers, amqp, log);
  const publisher = await openPublisher(amqp, queues.connected);

  /** @returns the messages that reached no queue, or for which a subscriber's queue is missing */
  const publishReady = async (messages: readonly EventMessage[]): Promise<EventMessage[]> => {
    const ready = messages.filter(({ event }) => queues.isReady(event));
    const outgoing = new Map(
      ready.map((message) => [
        encode(message, EXCHANGE, amqp.user, queues.isSubscribed(message.event)),
        message,
      ]),
    );
    const unrouted = await publisher.send([...outgoing.keys()]);
    return [
      ...messages.filter((message) => !ready.includes(message)),
      ...unrouted.map((one) => outgoing.get(one) as EventMessage),
    ];
  };

  const publish: Hub['publish'] = async (messages) => {
    await queues.check();
    const left = await publishReady(messages);
    if (left.length === 0) return left;
    await queues.checkNow();
    return publishReady(left);
  };

  const access: QueueAccess = {
    onChannel: amqp.once,
    send: async (message) => (await publisher.send([message])).length === 0,
    user: amqp.user,
  };
  return {
    queueOf: (service) => queueOnRabbitmq(service, access),
    isOpen: publisher.isOpen,
    onOpen: publisher.onOpen,
    publish,
    subscribe: (subscription) => {
      const { db } = subscription;
      const context = { amqp, publisher, trusted };
      return db
        ? consumeServiceQueue({ ...subscription, db }, context)
        : consumeProcessQueue(subscription, { ...context, nodeId });
    },
  };
};
