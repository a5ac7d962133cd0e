import { ServerResponse, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer, type ProxyServer } from 'httpxy';
import pLimit from 'p-limit';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Logger } from '../../../broker/process/logger.ts';
import { SOCKET_PATH } from '../../../shared/contracts/realtime.ts';
import { requestIdOf } from '../http/request-id.ts';
import type { Respond } from '../http/respond.ts';
import { responseOn } from '../http/upgrades.ts';
import { measureRequest } from '../metrics.ts';
import { connectableInstance } from './connect-instance.ts';
import type { signHandshake } from './handshake.ts';
import type { Replicas } from './replicas.ts';

/** Longer than a long poll is held open, which is the service's ping interval. */
const POLL_LIMIT_MS = 20_000;
/** How long a new socket waits for its turn and a process, and then for the process's response. */
const TURN_LIMIT_MS = 4_000;
const HANDSHAKE_LIMIT_MS = 3_000;
/** A client that does not read would keep a connection open whose other side has closed. */
const LINGER_MS = 1_000;
/**
 * New sockets are forwarded this many at a time: when a process ends, all its clients reconnect at once, and
 * a process that handled all these handshakes together would exceed the time limit of each.
 */
const HANDSHAKES_AT_ONCE = 16;
/** Errors after which a process is skipped for a while. */
const UNREACHABLE_CODES = ['ECONNREFUSED', 'ERR_UPSTREAM_UPGRADE_TIMEOUT'];

/** Serves the socket's path: long polling as requests, WebSockets as upgrades. */
export type Sockets = {
  serve(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Closes the forwarded connections one after another within this time, so that their clients do not all
   * reconnect to other gateways at once.
   */
  close(withinMs: number): void;
};

export const isSocketPath = (path: string): boolean => path === SOCKET_PATH || path === `${SOCKET_PATH}/`;

const socketIdOf = ({ url = '' }: IncomingMessage): string | null => {
  const mark = url.indexOf('?');
  return mark === -1 ? null : new URLSearchParams(url.slice(mark)).get('sid');
};

/** Forwards a request or an upgrade to the process at an address. */
type Forward = (address: string) => Promise<unknown>;

export type SocketParts = {
  sign: ReturnType<typeof signHandshake>;
  replicas: Replicas;
  respond: Respond;
  log: Logger;
};

/** A time limit that can be cancelled; `over` rejects with `unavailable` when it expires. */
const timeLimit = (ms: number) => {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      isOver = true;
      reject(new AppError('unavailable', { retryAfterS: 1 }));
    }, ms);
  });
  return { over, isOver: () => isOver, cancel: () => clearTimeout(timer) };
};

/** The proxy. It calls `answered` for each request to which the process has responded. */
const openProxy = (
  { replicas, respond, log }: Pick<SocketParts, 'replicas' | 'respond' | 'log'>,
  answered: (request: IncomingMessage) => void,
): ProxyServer => {
  const proxy = createProxyServer();
  proxy.on('proxyReqWs', (proxyRequest, request, socket) => {
    proxyRequest.once('upgrade', (_answer: unknown, other: Duplex) => {
      answered(request);
      // A pipe that ends closes the other side; a socket that is destroyed does not.
      socket.once('close', () => other.destroy());
      other.once('close', () => setTimeout(() => socket.destroy(), LINGER_MS).unref());
    });
  });
  proxy.on('error', (error, request, answer, target) => {
    const { code = '' } = error as { code?: string };
    if (UNREACHABLE_CODES.includes(code) && target instanceof URL) replicas.avoid(target.origin);
    log.debug({ err: error }, 'forwarded socket failed');
    if (request) answered(request);
    if (!request || !answer || (answer instanceof ServerResponse && answer.headersSent)) return;
    // A socket on which bytes were written has had its response.
    if (answer instanceof Socket && (answer.destroyed || answer.bytesWritten > 0)) return;
    const response = answer instanceof Socket ? responseOn(request, answer) : answer;
    respond.problem(response, requestIdOf(request), new AppError('unavailable', { retryAfterS: 1 }));
  });

  return proxy;
};

/** Forwards sockets to the processes of the realtime service, with back-pressure in both directions. */
export const socketProxy = (parts: SocketParts): Sockets => {
  const { sign, replicas, respond } = parts;
  const open = new Set<Duplex>();
  const waiting = new WeakMap<IncomingMessage, () => void>();
  const answered = (request: IncomingMessage): void => waiting.get(request)?.();
  const proxy = openProxy(parts, answered);
  const queue = pLimit(HANDSHAKES_AT_ONCE);
  let closing = false;

  /** Forwards a new socket in its turn, unless its client has disconnected or had a response meanwhile. */
  const forwardNew = async (request: IncomingMessage, connection: Duplex, to: Forward): Promise<void> => {
    const limit = timeLimit(TURN_LIMIT_MS);
    const forwarded = sign(request, requestIdOf(request), null).then(() =>
      queue(async () => {
        if (connection.destroyed || limit.isOver()) return;
        const address = await connectableInstance(replicas);
        if (limit.isOver()) return;
        limit.cancel();
        await new Promise<void>((resolve, reject) => {
          waiting.set(request, resolve);
          connection.once('close', resolve);
          to(address).catch(reject);
        });
      }),
    );
    await Promise.race([forwarded, limit.over]).finally(limit.cancel);
  };

  const forward = async (request: IncomingMessage, connection: Duplex, to: Forward): Promise<void> => {
    if (closing) throw new AppError('unavailable', { retryAfterS: 1 });
    const socketId = socketIdOf(request);
    if (socketId === null) return forwardNew(request, connection, to);
    await sign(request, requestIdOf(request), socketId);
    await to(replicas.addressFor(socketId));
  };

  return {
    serve: (request, response) => {
      measureRequest(request, response, 'socket');
      open.add(request.socket);
      response.once('close', () => {
        open.delete(request.socket);
        answered(request);
      });
      const proxyTimeout = socketIdOf(request) === null ? HANDSHAKE_LIMIT_MS : POLL_LIMIT_MS;
      const to = (target: string) => proxy.web(request, response, { target, proxyTimeout });
      forward(request, request.socket, to).catch((error: unknown) =>
        respond.problem(response, requestIdOf(request), error),
      );
    },
    upgrade: (request, socket, head) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      // Until the proxy has the socket it has no other error handler, and an unhandled error ends the
      // process.
      socket.on('error', () => socket.destroy());
      const to = (target: string) =>
        proxy.ws(request, socket as Socket, { target, upgradeTimeout: HANDSHAKE_LIMIT_MS }, head);
      forward(request, socket, to).catch((error: unknown) =>
        respond.problem(responseOn(request, socket as Socket), requestIdOf(request), error),
      );
    },
    close: (withinMs) => {
      closing = true;
      const all = [...open];
      for (const [index, socket] of all.entries())
        setTimeout(() => socket.destroy(), (withinMs * index) / all.length);
    },
  };
};
