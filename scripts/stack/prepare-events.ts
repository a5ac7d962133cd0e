import { connect } from 'amqplib';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { declareEvents } from '../events/declare-events.ts';
import { OPERATOR } from './definitions.ts';
import type { StackState } from './folder.ts';
import { rabbitmqUrl } from './servers/rabbitmq.ts';

const CONNECT_LIMIT_MS = 5_000;
const declareOn = async (url: URL, definitions: readonly AnyServiceDefinition[]): Promise<number | null> => {
  const connection = await connect(url.href, { timeout: CONNECT_LIMIT_MS });
  let failure: Error | undefined;
  connection.on('error', (error: Error) => (failure = error));
  try {
    return await declareEvents(connection, decodeURIComponent(url.username), definitions);
  } catch (error) {
    throw failure ?? error;
  } finally {
    await connection.close().catch(() => undefined);
  }
};

/**
 * Declares the queues of all subscribing services before any process starts, so that an event of the first
 * process that is ready waits for those that are not. Moves the messages of an older version there.
 * @throws Error in one sentence when RabbitMQ refuses
 */
export const prepareEvents = async (
  definitions: readonly AnyServiceDefinition[],
  state: StackState,
  say: (text: string) => void,
): Promise<void> => {
  const url = new URL(rabbitmqUrl(state, OPERATOR).split(',')[0] ?? '');
  try {
    const moved = await declareOn(url, definitions);
    if (moved !== null) say(`moved ${moved} messages from the queues of the version before`);
  } catch (error) {
    throw new Error(`RabbitMQ at ${url.host} cannot be used: ${(error as Error).message}`, { cause: error });
  }
};
