import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServiceSchema } from 'moleculer';
import ApiGateway from 'moleculer-web';
import type { Contract } from '../../shared/contracts/contract.ts';
import { gatewayEntries, type GatewayRoom } from './gateway.ts';
import { responder } from './http/respond.ts';
import { requestIdOf } from './http/request-id.ts';
import { securityHeaders } from './http/security-headers.ts';
import type { AliasHandler } from './http/router.ts';
import { isSocketPath } from './sockets/sockets.ts';

const REQUEST_LIMIT_MS = 30_000;
/** Longer than a proxy keeps an idle connection, so that it never writes into one that is closing. */
const KEEP_ALIVE_MS = 65_000;
const SWEEP_MS = 50;

type Found = { alias: { handler: AliasHandler }; params: Record<string, string> };
type WebService = {
  server: Server;
  resolveAlias(path: string, method?: string): Found | false;
  logger: unknown;
};

const pathOf = ({ url = '/' }: IncomingMessage): string => {
  const mark = url.indexOf('?');
  return mark === -1 ? url : url.slice(0, mark);
};

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // moleculer-web ends the process when the port is taken; here the start says so and ends in order.
    server.removeAllListeners('error').once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Takes no more connections and ends each open one as soon as its answer is out. */
const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.close(() => {
      clearInterval(sweep);
      resolve();
    });
  });

/**
 * moleculer-web with its open doors shut: no action of its own is callable, none is reachable but through
 * a contract's HTTP line, and bodies, queries, limits and errors are ours. Its request handler is replaced
 * by a shorter way to the same alias: it would run every request as an action of its own first.
 */
export const webService = (contracts: readonly Contract[], room: GatewayRoom): Partial<ServiceSchema> => {
  const { started: _listens, stopped: _closes, actions: _published, ...mixin } = ApiGateway as ServiceSchema;
  const { port, host, publicUrl } = room.config;
  const respond = responder(securityHeaders(publicUrl).api, room.log);
  const { aliases, sockets } = gatewayEntries(contracts, room);
  return {
    mixins: [mixin as ServiceSchema],
    settings: {
      port,
      ip: host,
      requestTimeout: REQUEST_LIMIT_MS,
      optimizeOrder: false,
      logRouteRegistration: null,
      routes: [
        {
          path: '/',
          aliases,
          mappingPolicy: 'restrict',
          bodyParsers: false,
          mergeParams: false,
          pathToRegexpOptions: { sensitive: true },
        },
      ],
    },
    methods: {
      httpHandler(this: WebService, request: IncomingMessage, response: ServerResponse): void {
        try {
          // A client that keeps asking on an open connection would keep a stopping process alive.
          if (!this.server.listening) response.shouldKeepAlive = false;
          const path = pathOf(request);
          if (isSocketPath(path)) return sockets.serve(request, response);
          const found = this.resolveAlias(path, request.method);
          if (found)
            found.alias.handler(Object.assign(request, { $params: { params: found.params } }), response);
        } catch (error) {
          respond.problem(response, requestIdOf(request), error);
        }
      },
    },
    created(this: WebService) {
      this.server.keepAliveTimeout = KEEP_ALIVE_MS;
      this.server.headersTimeout = REQUEST_LIMIT_MS;
      this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (isSocketPath(pathOf(request))) sockets.upgrade(request, socket, head);
        else socket.destroy();
      });
    },
    started(this: WebService) {
      return listen(this.server, port, host);
    },
    stopped(this: WebService) {
      const closed = close(this.server);
      sockets.close();
      return closed;
    },
  } as unknown as Partial<ServiceSchema>;
};
