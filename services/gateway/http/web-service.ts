import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServiceSchema } from 'moleculer';
import ApiGateway from 'moleculer-web';
import type { Contract } from '../../../shared/contracts/contract.ts';
import type { GatewayService } from '../gateway.ts';
import { isSocketPath } from '../sockets/sockets.ts';
import { entriesOf } from './entries.ts';
import { requestIdOf } from './request-id.ts';
import { responder } from './respond.ts';
import type { AliasHandler } from './router.ts';
import { securityHeaders } from './security-headers.ts';
import { closeServer } from './server.ts';

const REQUEST_LIMIT_MS = 30_000;
/** Longer than a proxy keeps an idle connection, so that the proxy never writes into one that is closing. */
const KEEP_ALIVE_MS = 65_000;

type Found = { alias: { handler: AliasHandler }; params: Record<string, string> };
type WebService = {
  server: GatewayService['state']['server'];
  httpHandler(request: IncomingMessage, response: ServerResponse): void;
  resolveAlias(path: string, method?: string): Found | false;
};

const pathOf = ({ url = '/' }: IncomingMessage): string => {
  const mark = url.indexOf('?');
  return mark === -1 ? url : url.slice(0, mark);
};

/**
 * moleculer-web compiles the routes' paths and finds the handler of a request (`resolveAlias`); it does not
 * publish actions, parse bodies or queries, limit requests, send errors or listen, because its own ways would
 * open what contracts keep closed. Its request handler would run each request as a Moleculer action first, so
 * a shorter one replaces it.
 */
export const webService = (
  contracts: readonly Contract[],
  service: GatewayService,
): Partial<ServiceSchema> => {
  const { started: _listens, stopped: _closes, actions: _published, ...mixin } = ApiGateway as ServiceSchema;
  const { port, host, publicUrl, drainMs } = service.config;
  const { server } = service.state;
  const respond = responder(securityHeaders(publicUrl).api, service.log);
  const { aliases, sockets } = entriesOf(contracts, service);
  return {
    mixins: [mixin as ServiceSchema],
    settings: {
      port,
      ip: host,
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
      createServer(this: WebService): void {
        this.server = server.on('request', this.httpHandler);
      },
      httpHandler(this: WebService, request: IncomingMessage, response: ServerResponse): void {
        try {
          // Requests on an open connection would keep a process alive that is stopping.
          if (!server.listening) response.shouldKeepAlive = false;
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
    created() {
      server.requestTimeout = REQUEST_LIMIT_MS;
      server.headersTimeout = REQUEST_LIMIT_MS;
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (isSocketPath(pathOf(request))) sockets.upgrade(request, socket, head);
        else socket.destroy();
      });
    },
    stopped() {
      const closed = closeServer(server, drainMs);
      sockets.close(drainMs);
      return closed;
    },
  } as unknown as Partial<ServiceSchema>;
};
