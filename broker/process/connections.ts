import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of an HTTP server, also those that it has handed over (upgraded ones). */
export type Connections = {
  /** Closes the connections that have sent no whole request or have had the answer: they wait for nothing. */
  closeUnused(): void;
  closeAll(): void;
};

/** Follows a server's connections from its first one. */
export const trackConnections = (server: Server): Connections => {
  const open = new Set<Socket>();
  /** The newest request without a complete answer. */
  const unanswered = new Map<Socket, IncomingMessage>();
  server.on('connection', (socket: Socket) => {
    // A connection that the server has handed over may be given back to it.
    if (open.has(socket)) return;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    unanswered.set(socket, request);
    response.once('close', () => {
      if (unanswered.get(socket) === request) unanswered.delete(socket);
    });
  });
  return {
    closeUnused: () => {
      for (const socket of open) if (!unanswered.get(socket)?.complete) socket.destroy();
    },
    closeAll: () => {
      for (const socket of open) socket.destroy();
    },
  };
};
