import type { IncomingMessage } from 'node:http';
import type { Contract } from '../../../shared/contracts/contract.ts';
import { realtime, SOCKET_CALL } from '../../../shared/contracts/realtime.ts';
import { sessionCookies, type CookieNames } from '../authentication/cookies.ts';
import { crossSiteCheck } from '../authentication/csrf.ts';
import { accessTokens } from '../authentication/tokens.ts';
import { asyncApiDocument } from '../documents/asyncapi/document.ts';
import type { GatewayService } from '../gateway.ts';
import { openGraphql, type Graphql } from '../graphql/entry.ts';
import { limitsOf, type ActionLimits } from '../limits/rate-limits.ts';
import { openApiDocument } from '../documents/openapi.ts';
import { serveDocs, serveOnce } from '../documents/docs.ts';
import type { Json } from '../documents/schemas.ts';
import { proxyOf, type Proxy } from './proxy/proxy.ts';
import { signHandshake } from '../sockets/handshake.ts';
import { replicasOf } from '../sockets/replicas.ts';
import { socketProxy, type Sockets } from '../sockets/sockets.ts';
import { serveWeb } from '../web/static.ts';
import { addressBlock, addressOf } from './address.ts';
import type { Serve } from './exchange.ts';
import { serveHealth } from './health.ts';
import type { PipelineParts } from './pipeline.ts';
import { responder, type Respond } from './respond.ts';
import { aliasesOf, serveOthers, servePath, type AliasHandler } from './router.ts';
import { allowedMethods, routesOf } from './routes.ts';
import { securityHeaders } from './security-headers.ts';
import { serveAction } from './serve-action.ts';
import { deprecationHeaders, poc2Failure } from './poc2/envelope.ts';
import { poc2Paths } from './poc2/serve.ts';

/**
 * Enough for an office behind one address with a socket in each of 400 browsers that reconnect at the same
 * time, and again for each process that a rolling restart stops.
 */
const HANDSHAKES_PER_MINUTE = 2_400;
/** A handshake without cookies costs more: the realtime service has to look up its ticket. */
const UNAUTHENTICATED_HANDSHAKES_PER_MINUTE = 240;

/** The pages' files: 500 browsers behind one address that load a new version within a minute. */
const FILES_PER_MINUTE = 30_000;
const DOCUMENTS_PER_MINUTE = 1_200;
/** Most of it is for documents that are refused before anything is called. */
const GRAPHQL_PER_MINUTE = 12_000;

/** Limits requests at this process; each gateway counts alone. */
const limiter = (
  name: string,
  perAddressPerMinute: number,
  { config }: GatewayService,
  respond: Respond,
): ((serve: Serve) => Serve) => {
  const { address: count } = limitsOf({ name, limit: { perAddressPerMinute } }, config, null);
  if (count === null) return (serve) => serve;
  return (serve) => (exchange) => {
    const { request, response, requestId } = exchange;
    count(addressBlock(addressOf(request, config.trustedProxies))).then(
      () => serve(exchange),
      (error: unknown) => respond.problem(response, requestId, error),
    );
  };
};

const pipelinePartsOf = (service: GatewayService): PipelineParts => {
  const { config, clock, state } = service;
  // All routes of an action count together.
  const limits = new Map<string, ActionLimits>();
  return {
    tokens: accessTokens({
      keys: state.signingKeys,
      issuer: config.issuer,
      clock,
      wait: state.revocations.known,
    }),
    revocations: state.revocations,
    cookies: sessionCookies({ publicUrl: config.publicUrl, secure: config.secureCookies }),
    checkCrossSite: crossSiteCheck(config.publicUrl, config.extraOrigins),
    addressOf: (request) => addressOf(request, config.trustedProxies),
    limitsOf: (action) => {
      const known = limits.get(action.name) ?? limitsOf(action, config, state.redis);
      limits.set(action.name, known);
      return known;
    },
  };
};

/** Counts requests to GraphQL, each of whose calls counts for its action, too. */
const graphqlCounter = ({ config }: GatewayService): ((request: IncomingMessage) => Promise<void>) => {
  const limited = { name: 'gateway.graphql', limit: { perAddressPerMinute: GRAPHQL_PER_MINUTE } };
  const { address: count } = limitsOf(limited, config, null);
  return async (request) => count?.(addressBlock(addressOf(request, config.trustedProxies)));
};

/** The documents and their pages, made when they are first asked for. */
const serveDocuments = (
  contracts: readonly Contract[],
  { config: { publicUrl }, log }: GatewayService,
  cookies: CookieNames,
  api: Respond,
): Readonly<Record<string, Serve>> => {
  const once = (make: () => Json) => {
    let made: Json | null = null;
    return () => (made ??= make());
  };
  const openApi = once(() => openApiDocument(contracts, { publicUrl, cookies }));
  const asyncApi = once(() => asyncApiDocument(contracts, { publicUrl }));
  const json = (document: () => Json) =>
    serveOnce('application/json; charset=utf-8', api, async () => JSON.stringify(document()));
  return {
    ...serveDocs({ openApi, asyncApi }, publicUrl, responder(securityHeaders(publicUrl).docs, log)),
    '/api/openapi.json': json(openApi),
    '/api/asyncapi.json': json(asyncApi),
  };
};

/** The paths of POC-2's API, with its envelope and headers; none where it is off. */
const poc2Handlers = (service: GatewayService, parts: PipelineParts): [string, AliasHandler][] => {
  const { poc2Api, poc2Sunset, publicUrl } = service.config;
  if (!poc2Api) return [];
  const headers = [...securityHeaders(publicUrl).api, ...deprecationHeaders(publicUrl, poc2Sunset)];
  const respond = responder(headers, service.log, poc2Failure);
  return [...poc2Paths(parts, service, respond)].map(([path, methods]) => [
    path,
    servePath(methods, respond),
  ]);
};

const socketsOf = (service: GatewayService, parts: PipelineParts, respond: Respond): Sockets => {
  const counter = (name: string, perAddressPerMinute: number) =>
    limitsOf({ name, limit: { perAddressPerMinute } }, service.config, service.state.redis).address;
  const counts = {
    countHandshake: counter(SOCKET_CALL, HANDSHAKES_PER_MINUTE),
    countUnauthenticated: counter(`${SOCKET_CALL}.unauthenticated`, UNAUTHENTICATED_HANDSHAKES_PER_MINUTE),
  };
  return socketProxy({
    sign: signHandshake({ ...parts, signAssertion: service.signAssertion, ...counts }),
    replicas: replicasOf(() => service.instancesOf(realtime.service), service.clock),
    respond,
    log: service.log,
  });
};

/** Everything that the gateway serves. */
export type Entries = {
  /** Routes as moleculer-web's aliases. */
  aliases: Record<string, AliasHandler>;
  sockets: Sockets;
  graphql: Graphql;
  proxy: Proxy;
  /** The methods that any of the paths takes, as an Allow header. */
  methods: string;
  /** Routes whose body is a file, which takes longer to arrive: method and path. */
  uploads: ReadonlySet<string>;
};

export const entriesOf = (contracts: readonly Contract[], service: GatewayService): Entries => {
  const headers = securityHeaders(service.config.publicUrl);
  const api = responder(headers.api, service.log);
  const page = responder(headers.page, service.log);
  const parts = pipelinePartsOf(service);
  const handlers = new Map<string, AliasHandler>();
  const routes = routesOf(contracts);
  for (const [path, methods] of routes) {
    const serves = [...methods].map(
      ([method, route]) => [method, serveAction(route, parts, service.send, api)] as const,
    );
    handlers.set(path, servePath(new Map(serves), api));
  }
  const documents = limiter('gateway.documents', DOCUMENTS_PER_MINUTE, service, api);
  const files = limiter('gateway.files', FILES_PER_MINUTE, service, api);
  const add = (path: string, serve: Serve) => handlers.set(path, servePath(new Map([['GET', serve]]), api));
  for (const [path, methods] of poc2Handlers(service, parts)) handlers.set(path, methods);
  const graphql = openGraphql(contracts, service, parts, api, graphqlCounter(service));
  for (const [path, methods] of graphql.paths) handlers.set(path, servePath(methods, api));
  const health = serveHealth(service.readiness, api);
  for (const [path, serve] of Object.entries(health)) add(path, serve);
  const served = serveDocuments(contracts, service, parts.cookies.names, api);
  for (const [path, serve] of Object.entries(served)) add(path, documents(serve));
  const { webFolder, reports, hasWorker, isDevelopment } = service.config;
  const site = { reports, hasWorker, isDevelopment };
  const others = serveOthers(files(serveWeb(webFolder, page, site)), api);
  const methods = new Set(['GET', ...[...routes.values()].flatMap((path) => [...path.keys()])]);
  return {
    aliases: aliasesOf(handlers, others),
    graphql,
    sockets: socketsOf(service, parts, api),
    proxy: proxyOf({
      service,
      tokens: service.state.upstreamTokens,
      pipeline: parts,
      respond: api,
      headers: headers.api,
    }),
    methods: allowedMethods([...methods]),
    uploads: new Set(
      [...routes.values()]
        .flatMap((path) => [...path.values()])
        .filter(({ source }) => source === 'file')
        .map(({ method, path }) => `${method} ${path}`),
    ),
  };
};
