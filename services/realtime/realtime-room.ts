import type { Revocations } from '../../broker/revocations.ts';
import type { Room } from '../../broker/room.ts';
import type { RealtimeConfig } from './config.ts';
import type { Connections } from './sockets/connections.ts';
import type { Delivery } from './sockets/deliver.ts';

export type RealtimeState = {
  /** Sessions and rights that opened sockets and open none any more. */
  revocations: Revocations;
  /** The sockets that are open at this process. */
  connections: Connections;
  /** Brings messages to them. */
  delivery: Delivery;
  /** Begins to take connections. */
  listen: () => Promise<void>;
  stopForgetting: () => void;
};
export type RealtimeRoom = Room<RealtimeConfig, RealtimeState>;
