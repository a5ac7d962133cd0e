import type { RealtimeRoom } from '../realtime-room.ts';
import { goodbye } from './goodbye.ts';

const EVERY_MS = 500;
/** So long a socket may be behind its reader. */
const SLOW_MS = 5_000;

const sweep = (room: RealtimeRoom): void => {
  const nowMs = room.clock.nowMs();
  for (const connection of room.state.connections.all()) {
    const { expiresAtMs, cloggedSinceMs } = connection;
    const isSlow = cloggedSinceMs !== null && performance.now() - cloggedSinceMs > SLOW_MS;
    if (expiresAtMs <= nowMs) goodbye(room, connection, 'expired');
    else if (isSlow) goodbye(room, connection, 'slow');
  }
};

/** Ends what has expired or reads too slowly: one timer for all sockets. Gives back what ends it. */
export const startSweeping = (room: RealtimeRoom): (() => void) => {
  const timer = setInterval(sweep, EVERY_MS, room).unref();
  return () => clearInterval(timer);
};
