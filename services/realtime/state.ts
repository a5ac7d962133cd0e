import { revocations } from '../../broker/revocations.ts';
import type { Room } from '../../broker/room.ts';
import { auth } from '../../shared/contracts/auth.ts';
import type { RealtimeConfig } from './config.ts';
import { startForgetting } from './messages/forget.ts';
import type { RealtimeRoom, RealtimeState } from './realtime-room.ts';
import { openConnections } from './sockets/connections.ts';
import { openDelivery } from './sockets/deliver.ts';
import { goodbye } from './sockets/goodbye.ts';

/** What the room keeps in memory: its sockets, and what is known against them. */
export const realtimeState = (room: Room<RealtimeConfig, undefined>): RealtimeState => {
  const { clock, log } = room;
  const connections = openConnections();
  const state: RealtimeState = {
    connections,
    revocations: revocations({ clock, log, fetch: () => room.call(auth.actions.revocations, {}) }),
    delivery: openDelivery(room, connections, (connection) => goodbye({ state }, connection, 'restart')),
    listen: async () => undefined,
    stopForgetting: () => undefined,
  };
  return state;
};

/**
 * Takes connections once it is known who must not be let in: until then gateways pass them on to another
 * process.
 */
export const start = async (room: RealtimeRoom): Promise<void> => {
  await room.state.revocations.load();
  await room.state.listen();
  room.state.stopForgetting = startForgetting(room);
};

export const stop = async ({ state }: RealtimeRoom): Promise<void> => state.stopForgetting();
