import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel, ConfirmChannel, GetMessage } from 'amqplib';
import { traceOf } from '../calls/request-context.ts';
import { isChosen, LIST_LIMIT, type DeadLetter, type DeadLetters } from './dead-letters.ts';
import { deadQueueOf, queueOf } from './topology.ts';
import { headersOf, publisherOf, republish, type Outgoing } from './wire.ts';

/** RabbitMQ's reply for a missing queue; it closes the channel. */
const NOT_FOUND = 404;
const REQUEUE_LIMIT_MS = 2_000;
const REQUEUE_POLL_MS = 20;
/** Messages asked for at once: an upper bound of those in memory. */
const WINDOW = 50;

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
  const { cause, attempts, firstFailureAt, lastFailureAt, requestId, requestOrigin, version } =
    headersOf(properties);
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
    traceId: traceOf(requestOrigin)?.traceId ?? null,
    sizeBytes: content.length,
    payload: content.toString('utf8'),
  };
};

/** Runs `work` on a channel of its own. */
export type OnChannel = <T>(work: (channel: Channel) => Promise<T>) => Promise<T>;

/** Channels of a connection. */
export const channelsOf =
  (model: ChannelModel): OnChannel =>
  async (work) => {
    const channel = await model.createChannel();
    // The promise is rejected for a missing queue; an unhandled event would end the process.
    channel.on('error', () => undefined);
    try {
      return await work(channel);
    } finally {
      await channel.close().catch(() => undefined);
    }
  };

const countOf = (channel: Channel, queue: string): Promise<number | null> =>
  channel.checkQueue(queue).then(
    ({ messageCount }) => messageCount,
    (error: { code?: number }) => {
      // A service that has never run here has no queue and no dead letters.
      if (error.code === NOT_FOUND) return null;
      throw error;
    },
  );

/**
 * Reads each message of a queue once; those for which `take` resolves to true are removed, the others stay.
 */
export const eachMessage = (
  onChannel: OnChannel,
  queue: string,
  limit: number,
  take: (message: GetMessage) => Promise<boolean>,
): Promise<void> =>
  onChannel(async (channel) => {
    const count = await countOf(channel, queue);
    if (count === null) return;
    let [unread, left] = [Math.min(count, limit), 0];
    while (unread > 0) {
      const window = Math.min(unread, WINDOW);
      const messages = await Promise.all(Array.from({ length: window }, () => channel.get(queue)));
      for (const message of messages) {
        if (!message) continue;
        if (await take(message)) channel.ack(message);
        else left += 1;
      }
      unread = messages.includes(false) ? 0 : unread - window;
    }
    if (left === 0) return;
    // Messages that stay must be back in the queue before the next read.
    channel.nackAll(true);
    const endMs = performance.now() + REQUEUE_LIMIT_MS;
    while (performance.now() < endMs && (await channel.checkQueue(queue)).messageCount < left)
      await sleep(REQUEUE_POLL_MS);
  });

/** How dead letters on RabbitMQ are reached: by the service itself, or by an operator. */
export type QueueAccess = {
  onChannel: OnChannel;
  /** Resolves when RabbitMQ has confirmed it. @returns whether a queue has it */
  send(message: Outgoing): Promise<boolean>;
  /** The login, which RabbitMQ compares with the messages' user. */
  user: string;
};

/**
 * Access over a connection.
 * @param user the login of that connection
 */
export const accessOver = (model: ChannelModel, user: string): QueueAccess => {
  let opened: Promise<ConfirmChannel> | null = null;
  const send = async ({ exchange, routingKey, content, options }: Outgoing): Promise<boolean> => {
    const channel = await (opened ??= model.createConfirmChannel());
    let isRouted = true;
    const onReturn = () => (isRouted = false);
    channel.once('return', onReturn);
    await new Promise<void>((resolve, reject) => {
      channel.publish(exchange, routingKey, content, options, (error) => (error ? reject(error) : resolve()));
    });
    channel.off('return', onReturn);
    return isRouted;
  };
  return { onChannel: channelsOf(model), send, user };
};

const sendBack = async (message: GetMessage, service: string, { user, send }: QueueAccess): Promise<void> => {
  const queue = queueOf(service);
  const outgoing = republish(message, queue, user, {
    publishedBy: publisherOf(message.properties, service),
    attempts: undefined,
    firstFailureAt: undefined,
    lastFailureAt: undefined,
    cause: undefined,
    origin: undefined,
  });
  if (await send(outgoing)) return;
  throw new Error(`there is no queue ${queue}: start the service, or run the command upgrade`);
};

/** The dead letters of a service on RabbitMQ. */
export const deadLettersOnRabbitmq = (service: string, access: QueueAccess): DeadLetters => {
  const readAll = async (
    limit: number,
    take: (letter: DeadLetter, message: GetMessage) => Promise<'skipped' | 'listed' | 'removed'>,
  ): Promise<DeadLetter[]> => {
    const letters: DeadLetter[] = [];
    await eachMessage(access.onChannel, deadQueueOf(service), limit, async (message) => {
      const letter = deadLetterOf(service, message);
      const what = await take(letter, message);
      if (what !== 'skipped') letters.push(letter);
      return what === 'removed';
    });
    return letters;
  };
  const all = Number.MAX_SAFE_INTEGER;
  return {
    list: (limit = LIST_LIMIT) => readAll(limit, async () => 'listed'),
    find: async (wanted) =>
      (await readAll(all, async ({ id }) => (id === wanted ? 'listed' : 'skipped')))[0] ?? null,
    replay: (which, { dryRun = false } = {}) =>
      readAll(all, async (letter, message) => {
        if (!isChosen(which, letter.id)) return 'skipped';
        if (dryRun) return 'listed';
        await sendBack(message, service, access);
        return 'removed';
      }),
    discard: (which) => readAll(all, async ({ id }) => (isChosen(which, id) ? 'removed' : 'skipped')),
  };
};
