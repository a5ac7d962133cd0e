import { Strategies, type BrokerOptions } from 'moleculer';
import type { Amqp } from '../amqp/connection.ts';
import type { Logger } from '../process/logger.ts';
import { AmqpTransporter } from './amqp-transporter.ts';
import { inFlight, type InFlight } from './in-flight.ts';
import { wireErrors } from './wire-errors.ts';

export type AmqpTransportOptions = {
  amqp: Amqp;
  log: Logger;
  /** How many requests this process takes on at once; the others wait in its queue. */
  prefetch?: number;
  /** How many calls may be under way from this process to one service before more are refused. */
  callsInFlightMax?: number;
};

/** A request goes where the fewest wait: a frozen or slow process keeps its own, so it gets no more. */
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

/** The part of a broker's options that lets it talk to other processes over RabbitMQ. */
export const amqpTransport = ({
  amqp,
  log,
  prefetch = 100,
  callsInFlightMax = 256,
}: AmqpTransportOptions): Partial<BrokerOptions> => {
  const flights = inFlight();
  const transporter = new AmqpTransporter({ amqp, log, prefetch, callsInFlightMax, flights });
  return {
    transporter,
    errorRegenerator: wireErrors(log),
    registry: { strategy: leastPending(flights) as never },
    // RabbitMQ tells us who is gone; heartbeats only find again who was thought gone and was not.
    heartbeatInterval: 2,
    heartbeatTimeout: 8,
    middlewares: [
      {
        name: 'AmqpTransport',
        remoteAction: (next) => (context) => transporter.carry(context as never, next as never),
        // Moleculer announces a new process a second late, after others might have registered services.
        started: async (broker) => {
          await broker.registry.discoverer.sendLocalNodeInfo();
        },
      },
    ],
  };
};
