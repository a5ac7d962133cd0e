import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceSchema } from 'moleculer';
import SocketIo from 'moleculer-io';
import type { Server, ServerOptions } from 'socket.io';
import { tagOf } from '../../../broker/calls/instances.ts';
import { trackConnections, type Connections } from '../../../broker/process/connections.ts';
import { SOCKET_PATH } from '../../../shared/contracts/realtime.ts';
import type { RealtimeService } from '../realtime.ts';
import { authenticate } from './authenticate.ts';
import { closeConnection } from './close-connection.ts';
import { connect } from './connect.ts';
import { closeNow, corkFlushes, type Conn } from './engine-io.ts';
import { openHandshakes, type Handshakes } from './handshake.ts';
import { measureLag } from './lag.ts';
import { startSweeping } from './sweep.ts';

/** A client that does not read is detected after one interval and one timeout. */
const PING_INTERVAL_MS = 5_000;
const PING_TIMEOUT_MS = 4_000;
const HANDSHAKE_LIMIT_MS = 5_000;
/** A larger packet closes its connection. One up to here that is too large to connect gets an error code. */
const RECEIVED_MAX_BYTES = 16 * 1_024;
/** How long sockets may take to close when the process stops. */
const STOP_LIMIT_MS = 500;

const optionsOf = ({ allow }: Handshakes): Partial<ServerOptions> => ({
  path: SOCKET_PATH,
  serveClient: false,
  transports: ['polling', 'websocket'],
  maxHttpBufferSize: RECEIVED_MAX_BYTES,
  pingInterval: PING_INTERVAL_MS,
  pingTimeout: PING_TIMEOUT_MS,
  connectTimeout: HANDSHAKE_LIMIT_MS,
  upgradeTimeout: HANDSHAKE_LIMIT_MS,
  // Each socket would keep a compressor's window in memory, for messages of a few hundred bytes.
  perMessageDeflate: false,
  httpCompression: false,
  allowRequest: (request, answer) => allow(request, (error, success) => answer(error ?? undefined, success)),
});

type IoService = {
  io: Server;
  broker: { nodeID: string };
  initSocketIO(server: HttpServer, options: Partial<ServerOptions>): void;
  registerNamespace(path: string, handlers: string, item: object): void;
};

/** engine.io requires a slash at the end of its path; the gateway accepts both. */
const addSlash = (request: IncomingMessage): void => {
  const { url = '' } = request;
  if (url.startsWith(`${SOCKET_PATH}?`)) request.url = url.replace('?', '/?');
};

/**
 * Listens once the revocations are loaded, so that no revoked session opens a socket. Until then gateways use
 * another process.
 */
export const startListening = async ({ state, config: { port, host } }: RealtimeService): Promise<void> => {
  await state.revocations.load();
  const { server } = state;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
};

/** Closes the sockets one after another, so that their clients do not all reconnect at the same moment. */
const closeAll = async ({ state: { connections }, config: { drainMs } }: RealtimeService): Promise<void> => {
  const all = connections.all();
  const startedMs = performance.now();
  for (const [index, connection] of all.entries()) {
    const waitMs = (drainMs * index) / all.length - (performance.now() - startedMs);
    if (waitMs > 1) await sleep(waitMs);
    closeConnection(connections, connection, 'restart');
  }
};

/** Takes no more connections, closes the sockets, and then what is left. */
const closeServer = async (service: RealtimeService, io: Server, open: Connections): Promise<void> => {
  const { server } = service.state;
  const closed = new Promise((resolve) => server.close(resolve));
  await closeAll(service);
  const limit = setTimeout(() => {
    for (const conn of Object.values((io.engine as unknown as { clients: Record<string, Conn> }).clients))
      closeNow(conn);
    open.closeAll();
  }, STOP_LIMIT_MS);
  await closed;
  clearTimeout(limit);
  await io.close();
};

/**
 * moleculer-io opens socket.io and its namespace here. Its actions and its event handlers are removed, so
 * that a client can call no action and trigger nothing, and it does not listen on moleculer-web's server but
 * on one of this service, where every other path is 404. `metadata` publishes the address to the gateways.
 */
export const ioService = (service: RealtimeService): Partial<ServiceSchema> => {
  const { actions: _callable, settings: _open, started: _opens, stopped: _closes, ...mixin } = SocketIo;
  const { server, delivery } = service.state;
  const handshakes = openHandshakes(service);
  const open = trackConnections(server);
  const running: (() => void)[] = [];
  return {
    mixins: [mixin as ServiceSchema],
    metadata: { address: service.config.address },
    settings: { io: { namespaces: { '/': { events: {} } } } },
    started(this: IoService) {
      this.initSocketIO(server, optionsOf(handshakes));
      server.prependListener('request', addSlash).prependListener('upgrade', addSlash);
      const { io } = this;
      const tag = tagOf(this.broker.nodeID);
      // The id of an open socket begins with its process's tag, by which a gateway finds the process.
      io.engine.generateId = () => `${tag}.${randomBytes(18).toString('base64url')}`;
      io.engine.on('connection', handshakes.open);
      corkFlushes(io);
      this.registerNamespace('/', '/', { middlewares: [authenticate(service, handshakes)] });
      io.on('connection', (socket) => connect(service, socket));
      running.push(delivery.start(), startSweeping(service), measureLag(service));
    },
    async stopped(this: IoService) {
      if (server.listening) await closeServer(service, this.io, open);
      for (const stop of running) stop();
    },
  } as unknown as Partial<ServiceSchema>;
};
