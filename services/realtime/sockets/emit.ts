import type { Socket } from 'socket.io';
import type {
  SocketClose,
  SocketNotice,
  SocketMessage,
  SOCKET_MESSAGES,
  Welcome,
} from '../../../shared/contracts/realtime.ts';

type Bodies = { welcome: Welcome; message: SocketMessage; notice: SocketNotice; close: SocketClose };

/**
 * Sends to a socket. Nothing else in this service does, so that a socket gets only what the contract names.
 */
export const emitTo = <E extends keyof typeof SOCKET_MESSAGES>(
  socket: Socket,
  name: E,
  body: Bodies[E],
): void => {
  // eslint-disable-next-line no-restricted-syntax -- socket.io's emit; the rule bans Moleculer's
  socket.emit(name, body);
};
