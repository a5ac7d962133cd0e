import type { Message, MessageProperties, Options } from 'amqplib';
import { HopelessFact, roomOfFact, type FactMessage } from './fact-message.ts';

/** A larger message is not read: no fact of ours comes near it. */
export const MAX_SIZE_BYTES = 256 * 1024;

/** Logins that speak for every room: a process of all rooms, and the operator who replays. */
export const ALL_ROOMS = 'payloom';
export const OPERATOR = 'operator';

/** What travels beside a fact's payload, under these names in the message's headers. */
export type FactHeaders = {
  version: number;
  occurredAtMs: number;
  requestId?: string;
  /** Failed tries so far. */
  attempts?: number;
  /** The login that told the fact first, said by a room that sends it to itself again or by an operator. */
  toldBy?: string;
  /** ISO times. */
  firstFailureAt?: string;
  lastFailureAt?: string;
  cause?: string;
  /** Of a dead letter: the queue that it came from. */
  origin?: string;
};

/** A message for RabbitMQ to confirm. */
export type Outgoing = { exchange: string; routingKey: string; content: Buffer; options: Options.Publish };

/** A fact as it is first told; RabbitMQ checks that `userId` is the login of who sends it. */
export const encode = (message: FactMessage, exchange: string, userId: string): Outgoing => {
  const { id, fact, version, payload, requestId, occurredAtMs } = message;
  const headers: FactHeaders = { version, occurredAtMs, ...(requestId === null ? {} : { requestId }) };
  return {
    exchange,
    routingKey: fact,
    content: Buffer.from(payload),
    options: {
      persistent: true,
      messageId: id,
      type: fact,
      contentType: 'application/json',
      timestamp: Math.floor(occurredAtMs / 1_000),
      userId,
      headers,
    },
  };
};

export const headersOf = (properties: MessageProperties): Partial<FactHeaders> =>
  (properties.headers ?? {}) as Partial<FactHeaders>;

/**
 * The login that told a fact first. What a room or an operator sends again carries it in a header, so that
 * a forged fact stays forged when somebody replays it.
 */
export const tellerOf = (properties: MessageProperties, room: string): string | undefined => {
  const userId = properties.userId as string | undefined;
  const again = userId !== undefined && [room, ALL_ROOMS, OPERATOR].includes(userId);
  return (again ? headersOf(properties).toldBy : undefined) ?? userId;
};

/** A message sent again as it was, with other headers; those that RabbitMQ added on its way are left out. */
export const again = (
  { content, properties }: Message,
  routingKey: string,
  userId: string,
  headers: Partial<FactHeaders>,
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
 * Reads a message that `room` received.
 * @param trusted logins that may tell the facts of any room
 * @throws HopelessFact when it is too big, is no fact, or was not told by the fact's own room
 */
export const decode = (raw: Message, room: string, trusted: readonly string[]): FactMessage => {
  const { content, properties } = raw;
  if (content.length > MAX_SIZE_BYTES)
    throw new HopelessFact(`it is too big: ${content.length} bytes, the limit is ${MAX_SIZE_BYTES}`);
  const { messageId: id, type: fact } = properties as { messageId: unknown; type: unknown };
  const { version, occurredAtMs, requestId } = headersOf(properties);
  if (typeof id !== 'string' || typeof fact !== 'string') throw new HopelessFact('it has no id or no name');
  if (typeof version !== 'number' || typeof occurredAtMs !== 'number')
    throw new HopelessFact('it has no version or no time');
  const teller = tellerOf(properties, room);
  if (teller === undefined || ![roomOfFact(fact), ...trusted].includes(teller))
    throw new HopelessFact(`it was told by ${teller ?? 'nobody known'}, not by ${roomOfFact(fact)}`);
  return {
    id,
    fact,
    version,
    payload: content.toString('utf8'),
    requestId: typeof requestId === 'string' ? requestId : null,
    occurredAtMs,
  };
};
