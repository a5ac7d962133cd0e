// Moves messages from the queues of the version before, in which events were called facts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel, ConfirmChannel, GetMessage } from 'amqplib';
import { MAX_TRIES } from '../../broker/events/retry.ts';
import { deadQueueOf, queueOf, retryQueueOf } from '../../broker/events/topology.ts';
import { headersOf, publisherOf, republish } from '../../broker/events/wire.ts';

const OLD_EXCHANGE = 'facts';
const BATCH = 100;
/** Within this time a message whose retry delay has ended appears in the main queue. */
const SETTLE_MS = 1_000;
/** RabbitMQ counts a process that got messages and died as a consumer until it has taken them back. */
const RETURN_TIMEOUT_MS = 5_000;
const RETURN_POLL_MS = 100;
const NOT_FOUND = 404;

type Queue = { service: string; from: string; to: string };
type Death = { reason?: string; time?: { value?: number } };

const oldNameOf = (queue: string): string => queue.replace(/^events/, OLD_EXCHANGE);

/** The main queue comes last, because retry queues empty into it. */
const queuesOf = (service: string): Queue[] => {
  const retries = Array.from({ length: MAX_TRIES - 1 }, (_, index) => retryQueueOf(service, index + 1));
  const all = [deadQueueOf(service), ...retries, queueOf(service)];
  return all.map((to) => ({ service, from: oldNameOf(to), to }));
};

/** RabbitMQ closes the channel on which a missing queue was asked for, so each question has its own. */
const consumersOf = async (model: ChannelModel, queue: string): Promise<number | null> => {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  try {
    const { consumerCount } = await channel.checkQueue(queue);
    await channel.close();
    return consumerCount;
  } catch (error) {
    if ((error as { code?: number }).code === NOT_FOUND) return null;
    throw error;
  }
};

/** The consumers that are left once those that are about to leave had time for it. */
const lastingConsumersOf = async (model: ChannelModel, queue: string): Promise<number | null> => {
  const until = Date.now() + RETURN_TIMEOUT_MS;
  for (;;) {
    const consumers = await consumersOf(model, queue);
    if (!consumers || Date.now() > until) return consumers;
    await sleep(RETURN_POLL_MS);
  }
};

/** The same message for a new queue. RabbitMQ's headers are lost; the death that they record is kept. */
const convert = (message: GetMessage, { service, to }: Queue, login: string) => {
  const { toldBy: publishedBy, ...known } = (message.properties.headers ?? {}) as Record<string, unknown>;
  const properties = { ...message.properties, headers: { ...known, publishedBy } };
  const death = (known['x-death'] as Death[] | undefined)?.[0];
  const diedAtS = death?.reason === 'delivery_limit' ? death.time?.value : undefined;
  const died = diedAtS !== undefined && {
    firstFailureAt: headersOf(properties).firstFailureAt ?? new Date(diedAtS * 1_000).toISOString(),
    cause: undefined,
  };
  return republish({ ...message, properties }, to, login, {
    publishedBy: publisherOf(properties, service),
    ...died,
  });
};

/** Publishes with confirms, then acknowledges. A message may be moved twice; the inbox ignores the second. */
const moveQueue = async (channel: ConfirmChannel, queue: Queue, login: string): Promise<number> => {
  for (let moved = 0; ;) {
    const batch: GetMessage[] = [];
    for (let next = await channel.get(queue.from); next; next = await channel.get(queue.from)) {
      batch.push(next);
      if (batch.length === BATCH) break;
    }
    const last = batch.at(-1);
    if (!last) return moved;
    let returned = 0;
    const onReturn = () => (returned += 1);
    channel.on('return', onReturn);
    for (const message of batch) {
      const { routingKey, content, options } = convert(message, queue, login);
      channel.publish('', routingKey, content, options);
    }
    await channel.waitForConfirms();
    channel.off('return', onReturn);
    if (returned > 0) throw new Error(`there is no queue ${queue.to}`);
    channel.ack(last, true);
    moved += batch.length;
  }
};

/**
 * Moves all messages to the queues of this version, which must exist. Deletes the old queues and exchange.
 * Can be repeated, also after it was interrupted; events then have no second effect.
 * @param login of the connection, which may read, write and configure everything
 * @returns the number of messages moved; null where there is no old queue
 * @throws Error when a process of the version before still consumes
 */
export const moveOldQueues = async (
  model: ChannelModel,
  login: string,
  services: readonly string[],
): Promise<number | null> => {
  const old: Queue[] = [];
  for (const queue of services.flatMap(queuesOf)) {
    const consumers = await lastingConsumersOf(model, queue.from);
    if (consumers) throw new Error(`${queue.from} has consumers: stop the processes of the version before.`);
    if (consumers !== null) old.push(queue);
  }
  if (old.length === 0) return null;
  const channel = await model.createConfirmChannel();
  channel.on('error', () => undefined);
  // First, so that no late publisher reaches the old queues: its events stay in its outbox.
  await channel.deleteExchange(OLD_EXCHANGE);
  let moved = 0;
  for (let emptyPasses = 0; emptyPasses < 2;) {
    let inPass = 0;
    for (const queue of old) inPass += await moveQueue(channel, queue, login);
    moved += inPass;
    emptyPasses = inPass === 0 ? emptyPasses + 1 : 0;
    if (emptyPasses === 1) await sleep(SETTLE_MS);
  }
  for (const { from } of old) await channel.deleteQueue(from);
  await channel.close();
  return moved;
};
