import type { RealtimeService } from '../realtime.ts';
import { countEnded } from '../metrics.ts';
import { closeConnection } from './close-connection.ts';
import { drop } from './insides.ts';

const EVERY_MS = 500;
/** So long a socket may be behind its reader. */
const SLOW_MS = 3_000;

const sweep = (service: RealtimeService): void => {
  const nowMs = service.clock.nowMs();
  for (const connection of service.state.connections.all()) {
    const { expiresAtMs, cloggedSinceMs } = connection;
    const isSlow = cloggedSinceMs !== null && performance.now() - cloggedSinceMs > SLOW_MS;
    if (expiresAtMs <= nowMs) closeConnection(service, connection, 'expired');
    else if (isSlow && service.state.connections.remove(connection)) {
      // It would not read a closeConnection either.
      countEnded('slow');
      drop(connection.socket.conn);
    }
  }
};

/** Ends what has expired or reads too slowly: one timer for all sockets. Gives back what ends it. */
export const startSweeping = (service: RealtimeService): (() => void) => {
  const timer = setInterval(sweep, EVERY_MS, service).unref();
  return () => clearInterval(timer);
};
