import type { Message, MessageProperties, Options } from 'amqplib';
import { traceOf, type Request } from '../calls/request-context.ts';
import { PoisonMessage, serviceOfEvent, type EventMessage } from './event-message.ts';

/** Larger messages are rejected unread. */
const MAX_SIZE_BYTES = 256 * 1024;

/** Users that may publish for every service: a process with all services, and the operator who replays. */
export const ALL_SERVICES = 'payloom';
const OPERATOR = 'operator';

/** The headers of an event's message. */
export type EventHeaders = {
  version: number;
  occurredAtMs: number;
  requestId?: string;
  /** JSON text of who made the request, and from where. */
  requestOrigin?: string;
  /** Failed attempts so far. */
  attempts?: number;
  /** The user that first published the event; set when a service or an operator publishes it again. */
  publishedBy?: string;
  /** ISO 8601 times. */
  firstFailureAt?: string;
  lastFailureAt?: string;
  cause?: string;
  /** Of a dead letter: the queue in which it failed. */
  origin?: string;
};

/** A message for RabbitMQ to confirm. */
export type Outgoing = { exchange: string; routingKey: string; content: Buffer; options: Options.Publish };

/**
 * Encodes an event for its first publication; RabbitMQ checks `userId` against the login.
 * @param mandatory whether RabbitMQ returns the message when no queue takes it
 */
export const encode = (
  message: EventMessage,
  exchange: string,
  userId: string,
  mandatory: boolean,
): Outgoing => {
  const { id, event, version, payload, requestId, origin, occurredAtMs } = message;
  const headers: EventHeaders = {
    version,
    occurredAtMs,
    ...(requestId === null ? {} : { requestId }),
    ...(origin === null ? {} : { requestOrigin: origin }),
  };
  return {
    exchange,
    routingKey: event,
    content: Buffer.from(payload),
    options: {
      persistent: true,
      mandatory,
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

/** The request that caused an event, of a message that may be damaged. */
export const requestOf = ({ properties }: Pick<Message, 'properties'>): Request => {
  const { requestId: id, requestOrigin } = headersOf(properties);
  return { id: typeof id === 'string' ? id : null, origin: null, trace: traceOf(requestOrigin) };
};

/**
 * The user that first published an event. A service or an operator that publishes it again keeps the user in
 * a header, so a forged event stays forged when it is replayed.
 */
export const publisherOf = (properties: MessageProperties, service: string): string | undefined => {
  const userId = properties.userId as string | undefined;
  const republish = userId !== undefined && [service, ALL_SERVICES, OPERATOR].includes(userId);
  return (republish ? headersOf(properties).publishedBy : undefined) ?? userId;
};

/** A message published again with other headers; headers that RabbitMQ added are left out. */
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
  const options = { persistent: true, mandatory: true, messageId, type, contentType, timestamp, userId };
  return {
    exchange: '',
    routingKey,
    content,
    options: { ...options, headers: Object.fromEntries(kept) },
  };
};

/**
 * Decodes a message that `service` received.
 * @param trusted users that may publish events of any service
 * @throws PoisonMessage when it is too big, not an event, or not published by the event's own service
 */
export const decode = (raw: Message, service: string, trusted: readonly string[]): EventMessage => {
  const { content, properties } = raw;
  if (content.length > MAX_SIZE_BYTES)
    throw new PoisonMessage(`it is too big: ${content.length} bytes, the limit is ${MAX_SIZE_BYTES}`);
  const { messageId: id, type: event } = properties as { messageId: unknown; type: unknown };
  const { version, occurredAtMs, requestId, requestOrigin } = headersOf(properties);
  if (typeof id !== 'string' || typeof event !== 'string') throw new PoisonMessage('it has no id or no name');
  if (typeof version !== 'number' || typeof occurredAtMs !== 'number')
    throw new PoisonMessage('it has no version or no time');
  const publisher = publisherOf(properties, service);
  if (publisher === undefined || ![serviceOfEvent(event), ...trusted].includes(publisher))
    throw new PoisonMessage(
      `it was published by ${publisher ?? 'an unknown user'}, not by ${serviceOfEvent(event)}`,
    );
  return {
    id,
    event,
    version,
    payload: content.toString('utf8'),
    requestId: typeof requestId === 'string' ? requestId : null,
    origin: typeof requestOrigin === 'string' ? requestOrigin : null,
    occurredAtMs,
  };
};
