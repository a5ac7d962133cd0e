import { Strategies, type BrokerOptions } from 'moleculer';
import type { Amqp } from '../amqp/connection.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { watchFlights } from '../telemetry/metrics.ts';
import { AmqpTransporter } from './amqp-transporter.ts';
import { inFlight, type InFlight } from './in-flight.ts';
import { wireErrors } from './wire-errors.ts';

export type AmqpTransportOptions = {
  amqp: Amqp;
  clock: Clock;
  log: Logger;
  /** How many requests this process handles concurrently; others wait in its queue. */
  prefetch?: number;
  /** How many calls may be in flight from this process to one service; further ones are refused. */
  callsInFlightMax?: number;
};

/**
 * Sends a request to the process with the fewest requests in flight: a frozen or slow process keeps its own
 * and gets no more.
 */
const leastPending = (flights: InFlight) =>
  class LeastPending extends Strategies.Base {
    override select<E extends { id: string }>(endpoints: E[]): E {
      const start = Math.floor(Math.random() * endpoints.length);
      let best = endpoints[start] as E;
      for (let i = 1; i < endpoints.length; i++) {
        const other = endpoints[(start + i) % endpoints.length] as E;
        if (flights.ofNode(other.id) < flights.ofNode(best.id)) best = other;
      }
      return best;
    }
  };

/** The broker options for calls over RabbitMQ. */
export const amqpTransport = ({
  amqp,
  clock,
  log,
  prefetch = 100,
  callsInFlightMax = 256,
}: AmqpTransportOptions): Partial<BrokerOptions> => {
  const flights = inFlight();
  watchFlights(flights.services);
  const transporter = new AmqpTransporter({ amqp, clock, log, prefetch, callsInFlightMax, flights });
  return {
    transporter,
    errorRegenerator: wireErrors(log),
    registry: { strategy: leastPending(flights) as never },
    // RabbitMQ reports dead processes; heartbeats only rediscover processes that were wrongly considered
    // dead.
    heartbeatInterval: 2,
    heartbeatTimeout: 8,
    middlewares: [
      {
        name: 'AmqpTransport',
        remoteAction: (next) => (context) => transporter.carry(context as never, next as never),
        // Moleculer announces a new process after a second, in case services register later.
        started: async (broker) => {
          await broker.registry.discoverer.sendLocalNodeInfo();
        },
      },
    ],
  };
};
