import type { SocketClose } from '../../../shared/contracts/realtime.ts';
import { countEnded } from '../metrics.ts';
import type { RealtimeService } from '../realtime.ts';
import type { Connection } from './connections.ts';
import { dropSoon } from './insides.ts';
import { say } from './emit.ts';

/** Says why and ends a socket; from now on it is sent nothing, also where its other end does not close it. */
export const closeConnection = (
  { state }: Pick<RealtimeService, 'state'>,
  connection: Connection,
  reason: SocketClose['reason'],
): void => {
  if (!state.connections.remove(connection)) return;
  const { socket } = connection;
  const { conn } = socket;
  countEnded(reason);
  say(socket, 'close', { reason });
  // After a restart a client comes back by itself just as it was; otherwise it first does something.
  if (reason === 'restart') conn.close();
  else socket.disconnect(true);
  dropSoon(conn);
};
