import { io } from 'socket.io-client';
import { SOCKET_MESSAGES, SOCKET_PATH } from '../contracts/realtime.ts';
import type { Welcome } from '../contracts/realtime.ts';
import type { Loss, OpenSocket } from './socket.ts';

const OPEN_TIMEOUT_MS = 6_000;

/**
 * What Socket.IO knows of a failed connection: the service's refusal has `data`, an HTTP answer its status as
 * `description`.
 */
type ConnectError = Error & { data?: { code?: unknown }; description?: unknown };

const lossOf = ({ message, data, description }: ConnectError): Loss => {
  const code = typeof data?.code === 'string' ? data.code : message;
  const status = typeof description === 'number' && description > 0 ? description : undefined;
  return { code, status, silent: message === 'timeout' };
};

/**
 * Opens a socket of socket.io-client, over WebSocket or, where that is blocked, long polling. This module is
 * loaded when the first socket is opened, and by the tab alone that opens it.
 */
export const openSocketAt =
  (origin: string): OpenSocket =>
  ({ after, pollingFirst }, handlers) => {
    const socket = io(origin, {
      path: SOCKET_PATH,
      transports: pollingFirst ? ['polling', 'websocket'] : ['websocket', 'polling'],
      tryAllTransports: true,
      forceNew: true,
      // When to open the next one is decided in one place, whatever ended this one.
      reconnection: false,
      timeout: OPEN_TIMEOUT_MS,
      auth: (give) => give(after === null ? {} : { after }),
    });
    let welcomed = false;
    socket.on(SOCKET_MESSAGES.welcome, (body: Welcome) => {
      welcomed = true;
      handlers.welcome(body);
    });
    socket.on(SOCKET_MESSAGES.message, handlers.message);
    socket.on(SOCKET_MESSAGES.notice, handlers.notice);
    socket.on(SOCKET_MESSAGES.close, handlers.close);
    socket.on('connect_error', (error: ConnectError) => handlers.lost(lossOf(error)));
    // Opened, and closed before the first message: a proxy may block WebSockets.
    socket.on('disconnect', () => handlers.lost({ silent: !welcomed }));
    return () => {
      socket.off();
      socket.disconnect();
    };
  };
