import type { Socket } from 'socket.io';
import type {
  SocketClose,
  SocketMessage,
  SOCKET_MESSAGES,
  Welcome,
} from '../../../shared/contracts/realtime.ts';

type Bodies = { welcome: Welcome; message: SocketMessage; close: SocketClose };

/** The only place that sends something to a socket. */
export const say = <E extends keyof typeof SOCKET_MESSAGES>(
  socket: Socket,
  event: E,
  body: Bodies[E],
): void => {
  // eslint-disable-next-line no-restricted-syntax -- a socket's emit: behind it stand rows, not the bus
  socket.emit(event, body);
};
