import type { Message, MessageProperties, Options } from 'amqplib';
import { PoisonMessage, serviceOfEvent, type EventMessage } from './event-message.ts';

/** A larger message is not read: no event of ours comes near it. */
export const MAX_SIZE_BYTES = 256 * 1024;

/** Logins that speak for every service: a process of all services, and the operator who replays. */
export const ALL_SERVICES = 'payloom';
export const OPERATOR = 'operator';

/** What travels beside an event's payload, under these names in the message's headers. */
export type EventHeaders = {
  version: number;
  occurredAtMs: number;
  requestId?: string;
  /** Failed tries so far. */
  attempts?: number;
  /**
   * The login that told the event first, said by a service that sends it to itself republish or by an
   * operator.
   */
  publishedBy?: string;
  /** ISO times. */
  firstFailureAt?: string;
  lastFailureAt?: string;
  cause?: string;
  /** Of a dead letter: the queue that it came from. */
  origin?: string;
};

/** A message for RabbitMQ to confirm. */
export type Outgoing = { exchange: string; routingKey: string; content: Buffer; options: Options.Publish };

/** An event as it is first told; RabbitMQ checks that `userId` is the login of who sends it. */
export const encode = (message: EventMessage, exchange: string, userId: string): Outgoing => {
  const { id, event, version, payload, requestId, occurredAtMs } = message;
  const headers: EventHeaders = { version, occurredAtMs, ...(requestId === null ? {} : { requestId }) };
  return {
    exchange,
    routingKey: event,
    content: Buffer.from(payload),
    options: {
      persistent: true,
      messageId: id,
      type: event,
      contentType: 'application/json',
      timestamp: Math.floor(occurredAtMs / 1_000),
      userId,
      headers,
    },
  };
};

export const headersOf = (properties: MessageProperties): Partial<EventHeaders> =>
  (properties.headers ?? {}) as Partial<EventHeaders>;

/**
 * The login that told an event first. What a service or an operator sends republish carries it in a header,
 * so that
 * a forged event stays forged when somebody replays it.
 */
export const publisherOf = (properties: MessageProperties, service: string): string | undefined => {
  const userId = properties.userId as string | undefined;
  const republish = userId !== undefined && [service, ALL_SERVICES, OPERATOR].includes(userId);
  return (republish ? headersOf(properties).publishedBy : undefined) ?? userId;
};

/**
 * A message sent republish as it was, with other headers; those that RabbitMQ added on its way are left out.
 */
export const republish = (
  { content, properties }: Message,
  routingKey: string,
  userId: string,
  headers: Partial<EventHeaders>,
): Outgoing => {
  const kept = Object.entries({ ...(properties.headers ?? {}), ...headers }).filter(
    ([name, value]) => !name.startsWith('x-') && value !== undefined,
  );
  const { messageId, type, contentType, timestamp } = properties as Options.Publish;
  const options = { persistent: true, messageId, type, contentType, timestamp, userId };
  return {
    exchange: '',
    routingKey,
    content,
    options: { ...options, headers: Object.fromEntries(kept) },
  };
};

/**
 * Reads a message that `service` received.
 * @param trusted logins that may tell the events of any service
 * @throws PoisonMessage when it is too big, is no event, or was not told by the event's own service
 */
export const decode = (raw: Message, service: string, trusted: readonly string[]): EventMessage => {
  const { content, properties } = raw;
  if (content.length > MAX_SIZE_BYTES)
    throw new PoisonMessage(`it is too big: ${content.length} bytes, the limit is ${MAX_SIZE_BYTES}`);
  const { messageId: id, type: event } = properties as { messageId: unknown; type: unknown };
  const { version, occurredAtMs, requestId } = headersOf(properties);
  if (typeof id !== 'string' || typeof event !== 'string') throw new PoisonMessage('it has no id or no name');
  if (typeof version !== 'number' || typeof occurredAtMs !== 'number')
    throw new PoisonMessage('it has no version or no time');
  const publisher = publisherOf(properties, service);
  if (publisher === undefined || ![serviceOfEvent(event), ...trusted].includes(publisher))
    throw new PoisonMessage(`it was told by ${publisher ?? 'nobody known'}, not by ${serviceOfEvent(event)}`);
  return {
    id,
    event,
    version,
    payload: content.toString('utf8'),
    requestId: typeof requestId === 'string' ? requestId : null,
    occurredAtMs,
  };
};
