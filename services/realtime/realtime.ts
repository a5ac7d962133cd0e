import type { Revocations } from '../../broker/calls/revocations.ts';
import type { Service } from '../../broker/process/service.ts';
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
  stopPurging: () => void;
};
export type RealtimeService = Service<RealtimeConfig, RealtimeState>;
