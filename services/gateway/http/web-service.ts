import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ServiceSchema } from 'moleculer';
import ApiGateway from 'moleculer-web';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Contract } from '../../../shared/contracts/contract.ts';
import type { GatewayService } from '../gateway.ts';
import { isGraphqlPath } from '../graphql/entry.ts';
import { measureRequest } from '../metrics.ts';
import { isSocketPath } from '../sockets/sockets.ts';
import { limitArrival } from './arrival.ts';
import { entriesOf, type Entries } from './entries.ts';
import type { Serve } from './exchange.ts';
import { requestIdOf } from './request-id.ts';
import { responder, type Respond } from './respond.ts';
import type { AliasHandler } from './router.ts';
import { securityHeaders } from './security-headers.ts';
import { closeServer } from './server.ts';
import { pathAndQuery } from './target.ts';
import { asksForWebSocket, ignoreUpgrade, responseOn } from './upgrades.ts';
import { receiver, type Receive } from './visit.ts';

const REQUEST_LIMIT_MS = 30_000;
/** Five megabytes over a line of half a megabit a second. */
const UPLOAD_LIMIT_MS = 90_000;
/** Longer than a proxy keeps an idle connection, so that the proxy never writes into one that is closing. */
const KEEP_ALIVE_MS = 65_000;
const NOT_A_TARGET = 'The request target is neither a path nor an http address.';

type Found = { alias: { handler: AliasHandler; fullPath: string }; params: Record<string, string> };
type WebService = {
  server: GatewayService['state']['server'];
  httpHandler(request: IncomingMessage, response: ServerResponse): void;
  resolveAlias(path: string, method?: string): Found | false;
};

const pathOf = (target: string): string => {
  const mark = target.indexOf('?');
  return mark === -1 ? target : target.slice(0, mark);
};

/** The route of a request as a metric's label: a path of ours with its params' names, or a kind of path. */
const routeLabel = ({ alias: { fullPath } }: Found, path: string): string => {
  if (!fullPath.includes('*')) return fullPath;
  return path.startsWith('/api') ? 'unknown' : 'pages';
};

const serveFound = (found: Found, path: string, request: IncomingMessage, response: ServerResponse): void => {
  measureRequest(request, response, routeLabel(found, path));
  found.alias.handler(Object.assign(request, { $params: { params: found.params } }), response);
};

/**
 * Answers what Node does not answer itself: upgrades, requests that wait for 100, and CONNECT, which asks
 * for a tunnel.
 */
const listenForHandovers = (
  server: Server,
  { sockets, graphql, proxy, methods }: Entries,
  respond: Respond,
  receive: Receive,
): void => {
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const target = pathAndQuery(request.url ?? '') ?? '';
    const path = pathOf(target);
    const entry = isSocketPath(path) ? sockets : isGraphqlPath(path) ? graphql : null;
    if (!asksForWebSocket(request) || !entry) return ignoreUpgrade(server, request, socket, head);
    request.url = target;
    receive(request, null, () => entry.upgrade(request, socket, head));
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // An upstream decides for itself whether it wants the body.
    if (!proxy.find(pathOf(pathAndQuery(request.url ?? '') ?? ''))) response.writeContinue();
    // eslint-disable-next-line no-restricted-syntax -- the emit of an HTTP server; the rule bans Moleculer's
    server.emit('request', request, response);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    const response = responseOn(request, socket);
    const error = new AppError('method_not_allowed');
    receive(request, response, () =>
      respond.problem(response, requestIdOf(request), error, ['Allow', methods]),
    );
  });
};

const limitConnections = (server: Server): void => {
  // A proxied request may take longer; `limitArrival` limits the others.
  server.requestTimeout = 0;
  server.headersTimeout = REQUEST_LIMIT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
};

/** Serves a path of an upstream, whose requests and answers are as large and slow as it likes. */
const serveProxied = (
  { prefix, serve }: { prefix: string; serve: Serve },
  request: IncomingMessage,
  response: ServerResponse,
  respond: Respond,
): void => {
  measureRequest(request, response, `proxy ${prefix}`);
  const { url = '' } = request;
  const path = pathOf(url);
  response.once('finish', () => limitArrival(request, response, respond, REQUEST_LIMIT_MS));
  const query = url.slice(path.length + 1);
  serve({ request, response, requestId: requestIdOf(request), path, query, pathParams: {} });
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
  const { server, connections } = service.state;
  const respond = responder(securityHeaders(publicUrl).api, service.log);
  const receive = receiver(service);
  const entries = entriesOf(contracts, service);
  const { aliases, sockets, graphql, proxy, methods, uploads } = entries;
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
        this.server = server.on('request', (request: IncomingMessage, response: ServerResponse) =>
          receive(request, response, () => this.httpHandler(request, response)),
        );
      },
      httpHandler(this: WebService, request: IncomingMessage, response: ServerResponse): void {
        try {
          // Requests on an open connection would keep a process alive that is stopping.
          if (!server.listening) response.shouldKeepAlive = false;
          if (request.method === 'OPTIONS' && request.url === '*')
            return respond.empty(response, requestIdOf(request), 204, ['Allow', methods]);
          const target = pathAndQuery(request.url ?? '');
          if (target === null) throw new AppError('bad_request', { detail: NOT_A_TARGET });
          request.url = target;
          const path = pathOf(target);
          const proxied = proxy.find(path);
          if (proxied) return serveProxied(proxied, request, response, respond);
          const isUpload = uploads.has(`${request.method} ${path}`);
          limitArrival(request, response, respond, isUpload ? UPLOAD_LIMIT_MS : REQUEST_LIMIT_MS);
          if (isSocketPath(path)) return sockets.serve(request, response);
          const found = this.resolveAlias(path, request.method);
          if (!found) throw new AppError('not_found');
          serveFound(found, path, request, response);
        } catch (error) {
          respond.problem(response, requestIdOf(request), error);
        }
      },
    },
    created() {
      limitConnections(server);
      listenForHandovers(server, entries, respond, receive);
    },
    stopped() {
      const closed = closeServer(server, connections, { graceMs: drainMs });
      sockets.close(drainMs);
      graphql.close();
      return closed;
    },
  } as unknown as Partial<ServiceSchema>;
};
