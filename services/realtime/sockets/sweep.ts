import type { RealtimeRoom } from '../realtime-room.ts';
import { countEnded } from '../metrics.ts';
import { goodbye } from './goodbye.ts';
import { drop } from './insides.ts';

const EVERY_MS = 500;
/** So long a socket may be behind its reader. */
const SLOW_MS = 3_000;

const sweep = (room: RealtimeRoom): void => {
  const nowMs = room.clock.nowMs();
  for (const connection of room.state.connections.all()) {
    const { expiresAtMs, cloggedSinceMs } = connection;
    const isSlow = cloggedSinceMs !== null && performance.now() - cloggedSinceMs > SLOW_MS;
    if (expiresAtMs <= nowMs) goodbye(room, connection, 'expired');
    else if (isSlow && room.state.connections.remove(connection)) {
      // It would not read a goodbye either.
      countEnded('slow');
      drop(connection.socket.conn);
    }
  }
};

/** Ends what has expired or reads too slowly: one timer for all sockets. Gives back what ends it. */
export const startSweeping = (room: RealtimeRoom): (() => void) => {
  const timer = setInterval(sweep, EVERY_MS, room).unref();
  return () => clearInterval(timer);
};
