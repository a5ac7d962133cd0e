import type { ChannelModel } from 'amqplib';
import { declareExchange, declareTopology } from '../../broker/events/topology.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { moveOldQueues } from './upgrade.ts';

/** The services that have a queue: those with a database and with subscribers. */
export const subscribingServices = (
  definitions: readonly AnyServiceDefinition[],
): { service: string; events: string[] }[] =>
  definitions.flatMap(({ contract, database, subscribers = [] }) =>
    database && subscribers.length > 0
      ? [{ service: contract.service, events: subscribers.map(({ event }) => event.name) }]
      : [],
  );

/**
 * Declares the exchange and the queues of all services, and moves there what waits in the queues of the
 * version before.
 * @param login of the connection, which may read, write and configure everything
 * @returns the number of messages moved; null where there was nothing of the version before
 * @throws Error when a process of the version before still runs
 */
export const declareEvents = async (
  model: ChannelModel,
  login: string,
  definitions: readonly AnyServiceDefinition[],
): Promise<number | null> => {
  const services = subscribingServices(definitions);
  const channel = await model.createChannel();
  await declareExchange(channel);
  for (const { service, events } of services) await declareTopology(channel, service, events);
  await channel.close();
  return moveOldQueues(
    model,
    login,
    services.map(({ service }) => service),
  );
};
