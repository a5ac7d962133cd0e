import { connect } from 'amqplib';
import { declareExchange, declareTopology } from '../../broker/events/topology.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { OPERATOR } from './definitions.ts';
import type { StackState } from './folder.ts';
import { rabbitmqUrl } from './servers/rabbitmq.ts';

const CONNECT_LIMIT_MS = 5_000;

/**
 * Declares the queues of all services that hear events, so that an event told by the first process that is
 * ready
 * waits for those that are not.
 * @throws Error in one sentence when RabbitMQ does not let us
 */
export const declareEvents = async (
  definitions: readonly AnyServiceDefinition[],
  state: StackState,
): Promise<void> => {
  const [url = ''] = rabbitmqUrl(state, OPERATOR).split(',');
  try {
    const connection = await connect(url, { timeout: CONNECT_LIMIT_MS });
    const channel = await connection.createChannel();
    await declareExchange(channel);
    for (const { contract, database, subscribers = [] } of definitions) {
      const events = subscribers.map(({ event }) => event.name);
      if (database && events.length > 0) await declareTopology(channel, contract.service, events);
    }
    await connection.close();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`RabbitMQ at ${new URL(url).host} cannot be used: ${message}`, { cause: error });
  }
};
