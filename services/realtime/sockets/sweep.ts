import { countClosed } from '../metrics.ts';
import type { RealtimeService } from '../realtime.ts';
import { closeConnection } from './close-connection.ts';
import { closeNow } from './engine-io.ts';

const EVERY_MS = 500;
/** How long a socket's buffer may stay full. */
const FULL_LIMIT_MS = 3_000;

const sweep = ({ clock, state: { connections } }: Pick<RealtimeService, 'clock' | 'state'>): void => {
  const nowMs = clock.nowMs();
  for (const connection of connections.all()) {
    const { expiresAtMs, fullSinceMs } = connection;
    const isSlow = fullSinceMs !== null && performance.now() - fullSinceMs > FULL_LIMIT_MS;
    if (expiresAtMs <= nowMs) closeConnection(connections, connection, 'expired');
    else if (isSlow && connections.remove(connection)) {
      // A client that does not read would not read `close` either.
      countClosed('slow');
      closeNow(connection.socket.conn);
    }
  }
};

/**
 * Closes sockets that have expired or read too slowly: one timer for all. Returns the function that stops it.
 */
export const startSweeping = (service: Pick<RealtimeService, 'clock' | 'state'>): (() => void) => {
  const timer = setInterval(sweep, EVERY_MS, service).unref();
  return () => clearInterval(timer);
};
