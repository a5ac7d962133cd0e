import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { ServiceSchema } from 'moleculer';
import SocketIo from 'moleculer-io';
import type { Server, ServerOptions } from 'socket.io';
import { tagOf } from '../../../broker/calls/instances.ts';
import { SOCKET_PATH } from '../../../shared/contracts/realtime.ts';
import type { RealtimeService } from '../realtime.ts';
import { admission } from './admit.ts';
import { connect } from './connect.ts';
import { closeConnection } from './close-connection.ts';
import { receiveGuests, type Guests } from './handshake.ts';
import { drop, writeTogether, type Conn } from './insides.ts';
import { startSweeping } from './sweep.ts';

/** A client that does not read is missed after one pause and one wait. */
const PING_INTERVAL_MS = 5_000;
const PING_TIMEOUT_MS = 4_000;
const HANDSHAKE_LIMIT_MS = 5_000;
/** A client has next to nothing to say. */
const RECEIVED_MAX_BYTES = 4 * 1_024;
/** Longer than a gateway keeps an idle connection, so that it never writes into one that is closing. */
const KEEP_ALIVE_MS = 65_000;
/** How long sockets may take to close when the process ends. */
const STOP_LIMIT_MS = 500;

const optionsOf = ({ letIn }: Guests): Partial<ServerOptions> => ({
  path: SOCKET_PATH,
  serveClient: false,
  transports: ['polling', 'websocket'],
  maxHttpBufferSize: RECEIVED_MAX_BYTES,
  pingInterval: PING_INTERVAL_MS,
  pingTimeout: PING_TIMEOUT_MS,
  connectTimeout: HANDSHAKE_LIMIT_MS,
  upgradeTimeout: HANDSHAKE_LIMIT_MS,
  // Each socket would keep a compressor's window, for messages of two lines.
  perMessageDeflate: false,
  httpCompression: false,
  allowRequest: (request, answer) => letIn(request, (error, success) => answer(error ?? undefined, success)),
});

type IoService = {
  io: Server;
  broker: { nodeID: string };
  initSocketIO(server: HttpServer, options: Partial<ServerOptions>): void;
  registerNamespace(path: string, handlers: string, item: object): void;
};

/** socket.io wants a slash at the end of its path; without it the address is the same to us. */
const addSlash = (request: IncomingMessage): void => {
  const { url = '' } = request;
  if (url.startsWith(`${SOCKET_PATH}?`)) request.url = url.replace('?', '/?');
};

const listen = (server: HttpServer, { port, host }: RealtimeService['config']): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

/**
 * Says closeConnection to one after the other, so that they do not all come to the other processes at once.
 */
const leave = async (service: RealtimeService, drainMs: number): Promise<void> => {
  const all = [...service.state.connections.all()];
  const startedMs = performance.now();
  for (const [index, connection] of all.entries()) {
    const early = (drainMs * index) / all.length - (performance.now() - startedMs);
    if (early > 1) await wait(early);
    closeConnection(service, connection, 'restart');
  }
};

/** Takes no more connections, says closeConnection to the sockets and ends what is left. */
const close = async (service: RealtimeService, server: HttpServer, io: Server): Promise<void> => {
  const closed = new Promise((resolve) => server.close(resolve));
  await leave(service, service.config.drainMs);
  const limit = setTimeout(() => {
    for (const conn of Object.values((io.engine as unknown as { clients: Record<string, Conn> }).clients))
      drop(conn);
    server.closeAllConnections();
  }, STOP_LIMIT_MS);
  await closed;
  clearTimeout(limit);
  await io.close();
};

/**
 * moleculer-io with its open doors shut: none of its actions exist, so that no socket can call any, and none
 * of its events, so that what a client sends is nothing to anybody. It has a server of its own, on which
 * everything but sockets answers 404; `metadata` tells gateways where that is.
 */
export const ioService = (service: RealtimeService): Partial<ServiceSchema> => {
  const { actions: _callable, settings: _open, started: _opens, stopped: _closes, ...mixin } = SocketIo;
  const guests = receiveGuests(service);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (_request, response) => {
    response.writeHead(404).end();
  });
  const running: (() => void)[] = [];
  return {
    mixins: [mixin as ServiceSchema],
    metadata: { address: service.config.address },
    settings: { io: { namespaces: { '/': { events: {} } } } },
    started(this: IoService) {
      this.initSocketIO(server, optionsOf(guests));
      server.prependListener('request', addSlash).prependListener('upgrade', addSlash);
      const { io } = this;
      const tag = tagOf(this.broker.nodeID);
      // A gateway finds the process of an open socket by the beginning of its id.
      io.engine.generateId = () => `${tag}.${randomBytes(18).toString('base64url')}`;
      io.engine.on('connection', guests.seat);
      writeTogether(io);
      this.registerNamespace('/', '/', { middlewares: [admission(service, guests)] });
      io.on('connection', (socket) => connect(service, socket));
      running.push(service.state.delivery.start(), startSweeping(service));
      service.state.listen = () => listen(server, service.config);
    },
    async stopped(this: IoService) {
      if (server.listening) await close(service, server, this.io);
      for (const end of running) end();
    },
  } as unknown as Partial<ServiceSchema>;
};
