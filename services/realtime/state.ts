import { revocations } from '../../broker/calls/revocations.ts';
import type { Service } from '../../broker/process/service.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { RealtimeConfig } from './config.ts';
import { startPurging } from './jobs/purge.ts';
import type { RealtimeService, RealtimeState } from './realtime.ts';
import { openConnections } from './sockets/connections.ts';
import { openDelivery } from './sockets/deliver.ts';
import { closeConnection } from './sockets/close-connection.ts';

/** What the service keeps in memory: its sockets, and what is known against them. */
export const realtimeState = (service: Service<RealtimeConfig, undefined>): RealtimeState => {
  const { clock, log } = service;
  const connections = openConnections();
  const state: RealtimeState = {
    connections,
    revocations: revocations({ clock, log, fetch: () => service.call(auth.actions.revocations, {}) }),
    delivery: openDelivery(service, connections, (connection) =>
      closeConnection({ state }, connection, 'restart'),
    ),
    listen: async () => undefined,
    stopPurging: () => undefined,
  };
  return state;
};

/**
 * Takes connections once it is known who must not be let in: until then gateways pass them on to another
 * process.
 */
export const start = async (service: RealtimeService): Promise<void> => {
  await service.state.revocations.load();
  await service.state.listen();
  service.state.stopPurging = startPurging(service);
};

export const stop = async ({ state }: RealtimeService): Promise<void> => state.stopPurging();
