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
import type { admitSocket } from './admit.ts';
import { reach } from './reach.ts';
import type { Replicas } from './replicas.ts';

/** Longer than a poll waits for its answer, which is as long as the service's pause between two pings. */
const POLL_LIMIT_MS = 20_000;
/** So long a new socket waits for its turn and for a process, and then so long for its answer. */
const TURN_LIMIT_MS = 4_000;
const HANDSHAKE_LIMIT_MS = 3_000;
/** A client that does not read would keep a socket open whose other end is gone. */
const LINGER_MS = 1_000;
/**
 * So many new sockets are passed on at a time, and the others wait: after another process has ended all its
 * clients come at once, and a process that were to greet them all together would be in time for none.
 */
const HANDSHAKES_AT_ONCE = 16;
/** How a process fails that should be passed over for a while. */
const ABSENCES = ['ECONNREFUSED', 'ERR_UPSTREAM_UPGRADE_TIMEOUT'];

/** What is served at the socket's address: long polling as requests, WebSockets as upgrades. */
export type Sockets = {
  serve(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Ends what goes through here, one after the other within this time; clients open new sockets elsewhere,
   * and are not to come there all at once.
   */
  close(withinMs: number): void;
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

/** Passes a request or an upgrade on to the process at an address. */
type PassOn = (address: string) => Promise<unknown>;

export type SocketParts = {
  admit: ReturnType<typeof admitSocket>;
  replicas: Replicas;
  respond: Respond;
  log: Logger;
};

/** A time that can be lifted; `over` rejects with `unavailable` when it ends. */
const timeLimit = (ms: number) => {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      isOver = true;
      reject(new AppError('unavailable', { retryAfterS: 1 }));
    }, ms);
  });
  return { over, isOver: () => isOver, lift: () => clearTimeout(timer) };
};

/** What passes requests and connections on; `answered` is told of each that the other side has answered. */
const openProxy = (
  { replicas, respond, log }: Pick<SocketParts, 'replicas' | 'respond' | 'log'>,
  answered: (request: IncomingMessage) => void,
): ProxyServer => {
  const proxy = createProxyServer();
  proxy.on('proxyReqWs', (proxyRequest, request, socket) => {
    proxyRequest.once('upgrade', (_answer: unknown, other: Duplex) => {
      answered(request);
      // Pipes end each other, but one that is destroyed leaves the other open.
      socket.once('close', () => other.destroy());
      other.once('close', () => setTimeout(() => socket.destroy(), LINGER_MS).unref());
    });
  });
  proxy.on('error', (error, request, answer, target) => {
    const { code = '' } = error as { code?: string };
    if (ABSENCES.includes(code) && target instanceof URL) replicas.avoid(target.origin);
    log.debug({ err: error }, 'a socket was cut off');
    if (request) answered(request);
    if (!request || !answer || (answer instanceof ServerResponse && answer.headersSent)) return;
    // Nothing has been answered as long as nothing was written.
    if (answer instanceof Socket && (answer.destroyed || answer.bytesWritten > 0)) return;
    const response = answer instanceof Socket ? answerOn(request, answer) : answer;
    respond.problem(response, requestIdOf(request), new AppError('unavailable', { retryAfterS: 1 }));
  });

  return proxy;
};

/** Passes sockets on to the processes of the realtime service; both ways wait for whoever reads slowly. */
export const socketProxy = (parts: SocketParts): Sockets => {
  const { admit, replicas, respond } = parts;
  const open = new Set<Duplex>();
  const waiting = new WeakMap<IncomingMessage, () => void>();
  const answered = (request: IncomingMessage): void => waiting.get(request)?.();
  const proxy = openProxy(parts, answered);
  const inTurn = pLimit(HANDSHAKES_AT_ONCE);
  let closing = false;

  /** Passes on a new socket when it is its turn, and unless its client has left or was answered meanwhile. */
  const passNew = async (request: IncomingMessage, connection: Duplex, to: PassOn): Promise<void> => {
    const limit = timeLimit(TURN_LIMIT_MS);
    const passed = admit(request, requestIdOf(request), null).then(() =>
      inTurn(async () => {
        if (connection.destroyed || limit.isOver()) return;
        const address = await reach(replicas);
        if (limit.isOver()) return;
        limit.lift();
        await new Promise<void>((resolve, reject) => {
          waiting.set(request, resolve);
          connection.once('close', resolve);
          to(address).catch(reject);
        });
      }),
    );
    await Promise.race([passed, limit.over]).finally(limit.lift);
  };

  const pass = async (request: IncomingMessage, connection: Duplex, to: PassOn): Promise<void> => {
    if (closing) throw new AppError('unavailable', { retryAfterS: 1 });
    const socketId = socketIdOf(request);
    if (socketId === null) return passNew(request, connection, to);
    await admit(request, requestIdOf(request), socketId);
    await to(replicas.addressFor(socketId));
  };

  return {
    serve: (request, response) => {
      open.add(request.socket);
      response.once('close', () => {
        open.delete(request.socket);
        answered(request);
      });
      const proxyTimeout = socketIdOf(request) === null ? HANDSHAKE_LIMIT_MS : POLL_LIMIT_MS;
      const to = (target: string) => proxy.web(request, response, { target, proxyTimeout });
      pass(request, request.socket, to).catch((error: unknown) =>
        respond.problem(response, requestIdOf(request), error),
      );
    },
    upgrade: (request, socket, head) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      // Until it is passed on nobody else listens, and an error nobody hears ends the process.
      socket.on('error', () => socket.destroy());
      const to = (target: string) =>
        proxy.ws(request, socket as Socket, { target, upgradeTimeout: HANDSHAKE_LIMIT_MS }, head);
      pass(request, socket, to).catch((error: unknown) =>
        respond.problem(answerOn(request, socket as Socket), requestIdOf(request), error),
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
