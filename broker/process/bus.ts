import { randomBytes } from 'node:crypto';
import type { BrokerOptions } from 'moleculer';
import * as z from 'zod/mini';
import type { Amqp } from '../amqp/connection.ts';
import type { Clock } from './clock.ts';
import { number, type Env } from './config.ts';
import type { Hub } from '../events/hub.ts';
import { inProcessHub } from '../events/in-process-hub.ts';
import type { Logger } from './logger.ts';
import type { AnyServiceDefinition } from './service.ts';

/** The connection of a process to the others: over RabbitMQ, or none in embedded mode. */
export type Bus = {
  /** The node's id, new at each start. */
  nodeId: string;
  amqp: Amqp | null;
  /** Carries the events. */
  hub: Hub;
  /** Moleculer options that depend on the mode. */
  broker: BrokerOptions;
  leave(): Promise<void>;
};

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

const nothing = async (): Promise<void> => undefined;

export const isDistributed = (env: Env): boolean => listOf(env['RABBITMQ_URL']).length > 0;

/** The services that subscribe to the events of these services, by event. */
const subscribersOf = (
  definitions: readonly AnyServiceDefinition[],
): ReadonlyMap<string, readonly string[]> =>
  new Map(
    definitions
      .flatMap(({ contract }) => Object.values(contract.events))
      .map(({ name, subscribers = [] }) => [name, subscribers]),
  );

/** Environment variables of every process on the bus. */
export const busSettings = z.object({
  CALLS_PREFETCH: number(100, 1, 10_000),
  CALLS_IN_FLIGHT_MAX: number(256, 1, 100_000),
});
export type BusSettings = z.output<typeof busSettings>;

/**
 * Connects to the bus at RABBITMQ_URL: one address, or those of a cluster separated by commas.
 * @throws ConfigError in one sentence when RabbitMQ cannot be reached or refuses the login
 */
export const joinBus = async (
  definitions: readonly AnyServiceDefinition[],
  env: Env,
  settings: BusSettings,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<Bus> => {
  const services = definitions.map(({ contract }) => contract.service).join('+');
  const nodeId = `${services}-${env['REPLICA'] || '1'}-${randomBytes(3).toString('hex')}`;
  if (!isDistributed(env)) {
    return { nodeId, amqp: null, hub: inProcessHub(), broker: { nodeID: nodeId }, leave: nothing };
  }
  // Loaded only in distributed mode.
  const [{ connectAmqp }, { amqpTransport }, { rabbitmqHub }, { ALL_SERVICES }] = await Promise.all([
    import('../amqp/connection.ts'),
    import('../transport/amqp-transport.ts'),
    import('../events/rabbitmq-hub.ts'),
    import('../events/wire.ts'),
  ]);
  const amqp = await connectAmqp({ urls: listOf(env['RABBITMQ_URL']), name: nodeId, log });
  const transport = amqpTransport({
    amqp,
    clock,
    log,
    prefetch: settings.CALLS_PREFETCH,
    callsInFlightMax: settings.CALLS_IN_FLIGHT_MAX,
  });
  return {
    nodeId,
    amqp,
    // With one login for all services, any of them may publish any event.
    hub: await rabbitmqHub({
      amqp,
      log,
      nodeId,
      subscribers: subscribersOf(definitions),
      trusted: [ALL_SERVICES, amqp.user],
    }),
    broker: { nodeID: nodeId, ...transport },
    leave: amqp.close,
  };
};
