import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServiceSchema } from 'moleculer';
import ApiGateway from 'moleculer-web';
import type { Contract } from '../../shared/contracts/contract.ts';
import { gatewayEntries, type GatewayService } from './gateway.ts';
import { responder } from './http/respond.ts';
import { requestIdOf } from './http/request-id.ts';
import { securityHeaders } from './http/security-headers.ts';
import type { AliasHandler } from './http/router.ts';
import { isSocketPath } from './sockets/sockets.ts';

const REQUEST_LIMIT_MS = 30_000;
/** Longer than a proxy keeps an idle connection, so that it never writes into one that is closing. */
const KEEP_ALIVE_MS = 65_000;
const SWEEP_MS = 50;
const SHORT_TURN_MS = 2;
const TURNS_MAX = 100;

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

/**
 * Who has connected waits in a queue until a turn of the event loop, and is cut off if the server closes
 * before; after a short turn hardly anybody waits.
 */
const untilNobodyWaits = async (): Promise<void> => {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const startedMs = performance.now();
    await new Promise(setImmediate);
    if (performance.now() - startedMs < SHORT_TURN_MS) return;
  }
};

/**
 * Takes no more connections and ends each open one with its next answer. Those that are idle are kept for the
 * grace, because a client may be writing its next request on one at this moment, and ended after it.
 */
const close = async (server: Server, graceMs: number): Promise<void> => {
  await untilNobodyWaits();
  // The close of HTTP servers would end the idle ones at once.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  let sweep: NodeJS.Timeout | undefined;
  const grace = setTimeout(() => {
    sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  }, graceMs);
  await closed;
  clearTimeout(grace);
  clearInterval(sweep);
};

/**
 * moleculer-web with its open doors shut: no action of its own is callable, none is reachable but through
 * a contract's HTTP line, and bodies, queries, limits and errors are ours. Its request handler is replaced
 * by a shorter way to the same alias: it would run every request as an action of its own first.
 */
export const webService = (
  contracts: readonly Contract[],
  service: GatewayService,
): Partial<ServiceSchema> => {
  const { started: _listens, stopped: _closes, actions: _published, ...mixin } = ApiGateway as ServiceSchema;
  const { port, host, publicUrl, drainMs } = service.config;
  const respond = responder(securityHeaders(publicUrl).api, service.log);
  const { aliases, sockets } = gatewayEntries(contracts, service);
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
      service.state.listen = () => listen(this.server, port, host);
    },
    stopped(this: WebService) {
      const closed = close(this.server, drainMs);
      sockets.close(drainMs);
      return closed;
    },
  } as unknown as Partial<ServiceSchema>;
};
