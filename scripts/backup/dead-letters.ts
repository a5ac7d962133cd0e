import type { ChannelModel, GetMessage, MessageProperties } from 'amqplib';
import { channelsOf, deadLetterOf, eachMessage } from '../../broker/events/rabbitmq-dead-letters.ts';
import { deadQueueOf } from '../../broker/events/topology.ts';
import { publisherOf, republish } from '../../broker/events/wire.ts';

/** A message of a queue of dead letters, as it is kept in a file. */
export type KeptLetter = {
  /** The event's id; null for a message that is no event. */
  id: string | null;
  contentBase64: string;
  properties: Record<string, unknown>;
};

const keptLetterOf = (service: string, message: GetMessage): KeptLetter => {
  const { messageId, type, contentType, timestamp, headers } = message.properties;
  const { firstFailureAt } = deadLetterOf(service, message);
  const kept = Object.entries((headers ?? {}) as Record<string, unknown>).filter(
    ([name]) => !name.startsWith('x-'),
  );
  return {
    id: typeof messageId === 'string' ? messageId : null,
    contentBase64: message.content.toString('base64'),
    properties: {
      ...{ messageId: messageId as unknown, type: type as unknown, contentType: contentType as unknown },
      timestamp: timestamp as unknown,
      headers: {
        ...Object.fromEntries(kept),
        publishedBy: publisherOf(message.properties, service),
        firstFailureAt: firstFailureAt ?? undefined,
      },
    },
  };
};

/** Reads the dead letters of a service; they stay in their queue. */
export const readDeadLetters = async (model: ChannelModel, service: string): Promise<KeptLetter[]> => {
  const letters: KeptLetter[] = [];
  await eachMessage(channelsOf(model), deadQueueOf(service), Number.MAX_SAFE_INTEGER, async (message) => {
    letters.push(keptLetterOf(service, message));
    return false;
  });
  return letters;
};

/** Puts dead letters back into the queue of a service. */
export const writeDeadLetters = async (
  model: ChannelModel,
  login: string,
  service: string,
  letters: readonly KeptLetter[],
): Promise<void> => {
  const channel = await model.createConfirmChannel();
  channel.on('error', () => undefined);
  for (const { contentBase64, properties } of letters) {
    const content = Buffer.from(contentBase64, 'base64');
    const message = { content, properties: properties as unknown as MessageProperties };
    const { routingKey, options } = republish(message as GetMessage, deadQueueOf(service), login, {});
    channel.publish('', routingKey, content, options);
  }
  await channel.waitForConfirms();
  await channel.close();
};
