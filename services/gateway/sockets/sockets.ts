import { ServerResponse, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { AppError } from '../../../broker/errors.ts';
import type { Logger } from '../../../broker/logger.ts';
import { SOCKET_PATH } from '../../../shared/contracts/realtime.ts';
import { requestIdOf } from '../http/request-id.ts';
import type { Respond } from '../http/respond.ts';
import type { admitSocket } from './admit.ts';
import type { Replicas } from './replicas.ts';

/** Longer than a poll waits for its answer, which is as long as the room's pause between two pings. */
const POLL_LIMIT_MS = 20_000;
const UPGRADE_LIMIT_MS = 3_000;
/** A client that does not read would keep a socket open whose other end is gone. */
const LINGER_MS = 1_000;

/** What is served at the socket's address: long polling as requests, WebSockets as upgrades. */
export type Sockets = {
  serve(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends the WebSockets and polls that go through here; their clients open new ones elsewhere. */
  close(): void;
};

export const isSocketPath = (path: string): boolean => path === SOCKET_PATH || path === `${SOCKET_PATH}/`;

const socketIdOf = ({ url = '' }: IncomingMessage): string | null => {
  const mark = url.indexOf('?');
  return mark === -1 ? null : new URLSearchParams(url.slice(mark)).get('sid');
};

/** An answer in HTTP on a connection that was to become a WebSocket. */
const answerOn = (request: IncomingMessage, socket: Socket): ServerResponse => {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.end());
  return response;
};

export type SocketParts = {
  admit: ReturnType<typeof admitSocket>;
  replicas: Replicas;
  respond: Respond;
  log: Logger;
};

/** Passes sockets on to the processes of the realtime room; both ways wait for whoever reads slowly. */
export const socketProxy = ({ admit, replicas, respond, log }: SocketParts): Sockets => {
  const open = new Set<Duplex>();
  const proxy = createProxyServer();

  proxy.on('proxyReqWs', (proxyRequest, _request, socket) => {
    proxyRequest.once('upgrade', (_answer: unknown, other: Duplex) => {
      // Pipes end each other, but one that is destroyed leaves the other open.
      socket.once('close', () => other.destroy());
      other.once('close', () => setTimeout(() => socket.destroy(), LINGER_MS).unref());
    });
  });
  proxy.on('error', (error, request, answer, target) => {
    const { code = '' } = error as { code?: string };
    if (code === 'ECONNREFUSED' && target instanceof URL) replicas.avoid(target.origin);
    log.debug({ err: error }, 'a socket was cut off');
    if (!request || !answer || (answer instanceof ServerResponse && answer.headersSent)) return;
    // Nothing has been answered as long as nothing was written.
    if (answer instanceof Socket && (answer.destroyed || answer.bytesWritten > 0)) return;
    const response = answer instanceof Socket ? answerOn(request, answer) : answer;
    respond.problem(response, requestIdOf(request), new AppError('unavailable', { retryAfterS: 1 }));
  });

  const target = async (request: IncomingMessage): Promise<string> => {
    const socketId = socketIdOf(request);
    await admit(request, requestIdOf(request), socketId);
    return replicas.addressFor(socketId);
  };

  return {
    serve: (request, response) => {
      open.add(request.socket);
      response.once('close', () => open.delete(request.socket));
      target(request)
        .then((address) => proxy.web(request, response, { target: address, proxyTimeout: POLL_LIMIT_MS }))
        .catch((error: unknown) => respond.problem(response, requestIdOf(request), error));
    },
    upgrade: (request, socket, head) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      // Until it is passed on nobody else listens, and an error nobody hears ends the process.
      socket.on('error', () => socket.destroy());
      target(request)
        .then((address) => {
          const options = { target: address, upgradeTimeout: UPGRADE_LIMIT_MS };
          return proxy.ws(request, socket as Socket, options, head);
        })
        .catch((error: unknown) =>
          respond.problem(answerOn(request, socket as Socket), requestIdOf(request), error),
        );
    },
    close: () => {
      for (const socket of open) socket.destroy();
    },
  };
};
