import type { CloseReason } from '../../../shared/contracts/realtime.ts';
import { countClosed } from '../metrics.ts';
import type { Connection, Connections } from './connections.ts';
import { emitTo } from './emit.ts';
import { closeSoon } from './engine-io.ts';

/** Sends `close` with the reason and closes the socket. It is sent nothing more, even if its client stays. */
export const closeConnection = (
  connections: Connections,
  connection: Connection,
  reason: CloseReason,
): void => {
  if (!connections.remove(connection)) return;
  const { socket } = connection;
  const { conn } = socket;
  countClosed(reason);
  emitTo(socket, 'close', { reason });
  // After a lost connection socket.io's client reconnects by itself; after a disconnect the page decides.
  if (reason === 'restart') conn.close();
  else socket.disconnect(true);
  closeSoon(conn);
};
