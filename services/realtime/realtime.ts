import type { Server } from 'node:http';
import { createServer } from '../../broker/process/http.ts';
import { revocations, type Revocations } from '../../broker/calls/revocations.ts';
import type { Service } from '../../broker/process/service.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { RealtimeConfig } from './config.ts';
import { openConnections, type Connections } from './sockets/connections.ts';
import { openDelivery, type Delivery } from './sockets/deliver.ts';

/**
 * Longer than a gateway keeps an idle connection, so that the gateway never writes into one that is closing.
 */
const KEEP_ALIVE_MS = 65_000;

export type RealtimeState = {
  /** Sessions that have ended and users whose rights have changed. */
  revocations: Revocations;
  /** The sockets that are open at this process. */
  connections: Connections;
  /** Sends stored messages to those sockets. */
  delivery: Delivery;
  /** The HTTP server of the sockets; it listens once the revocations are loaded. */
  server: Server;
};
export type RealtimeService = Service<RealtimeConfig, RealtimeState>;

export const realtimeState = (service: Service<RealtimeConfig, undefined>): RealtimeState => {
  const { clock, log, name } = service;
  const connections = openConnections();
  return {
    revocations: revocations({
      service: name,
      clock,
      log,
      fetch: () => service.call(auth.actions.revocations, {}),
    }),
    connections,
    delivery: openDelivery(service, connections),
    server: createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (_request, response) => {
      response.writeHead(404).end();
    }),
  };
};
