import type { Goodbye } from '../../../shared/contracts/realtime.ts';
import { countEnded } from '../metrics.ts';
import type { RealtimeRoom } from '../realtime-room.ts';
import type { Connection } from './connections.ts';
import { dropSoon } from './insides.ts';
import { say } from './say.ts';

/** Says why and ends a socket; from now on it is sent nothing, also where its other end does not close it. */
export const goodbye = (
  { state }: Pick<RealtimeRoom, 'state'>,
  connection: Connection,
  reason: Goodbye['reason'],
): void => {
  if (!state.connections.remove(connection)) return;
  const { socket } = connection;
  const { conn } = socket;
  countEnded(reason);
  say(socket, 'goodbye', { reason });
  // After a restart a client comes back by itself just as it was; otherwise it first does something.
  if (reason === 'restart') conn.close();
  else socket.disconnect(true);
  dropSoon(conn);
};
