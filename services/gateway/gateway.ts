import type { JWK } from 'jose';
import type { Redis } from '../../broker/cache/redis.ts';
import { revocations, type Revocations } from '../../broker/calls/revocations.ts';
import type { Service } from '../../broker/process/service.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { Contract } from '../../shared/contracts/contract.ts';
import { realtime, SOCKET_CALL } from '../../shared/contracts/realtime.ts';
import { sessionCookies } from './authentication/cookies.ts';
import { crossSiteCheck } from './authentication/csrf.ts';
import { signingKeys } from './authentication/signing-keys.ts';
import { accessTokens } from './authentication/tokens.ts';
import type { GatewayConfig } from './config.ts';
import { addressOf } from './http/address.ts';
import type { Serve } from './http/exchange.ts';
import { serveHealth } from './http/health.ts';
import { responder } from './http/respond.ts';
import { aliasesOf, serveOthers, servePath, type AliasHandler } from './http/router.ts';
import { routesOf } from './http/routes.ts';
import { securityHeaders } from './http/security-headers.ts';
import { serveAction, type Parts } from './http/serve-action.ts';
import { limitsOf } from './limits/limits.ts';
import { admitSocket } from './sockets/admit.ts';
import { replicasOf } from './sockets/replicas.ts';
import { socketProxy, type Sockets } from './sockets/sockets.ts';
import { openApiDocument } from './openapi/document.ts';
import { serveViewer } from './openapi/viewer.ts';
import { serveWeb } from './web/static.ts';

/**
 * Enough for an office behind one address with a socket in each of 400 browsers, who all come back at
 * once, and again for each process that a rolling restart takes away.
 */
const HANDSHAKES_PER_MINUTE = 2_400;
/** Who brings no cookies goes on to the realtime service, which alone knows its tickets: that costs more. */
const GUESTS_PER_MINUTE = 240;

export type GatewayState = {
  revocations: Revocations;
  /** Where requests are counted together with other gateways; null where this one counts alone. */
  redis: Redis | null;
  /** Begins to take connections. */
  listen: () => Promise<void>;
};
export type GatewayService = Service<GatewayConfig, GatewayState>;

/** The gateway's memory: what was revoked, and how often everybody has asked. */
export const gatewayState = async (service: Service<GatewayConfig, undefined>): Promise<GatewayState> => {
  const { clock, config, log } = service;
  const { redisUrl: url } = config;
  return {
    revocations: revocations({ clock, log, fetch: () => service.call(auth.actions.revocations, {}) }),
    // Loaded where there is a Redis only.
    redis: url
      ? (await import('../../broker/cache/redis.ts')).openRedis({ url, name: 'gateway', log })
      : null,
    listen: async () => undefined,
  };
};

/**
 * Takes connections once it is known who must not be let in: until then clients are better off at another
 * gateway. Where that takes long there may be none, and this one serves pages and says what it lacks.
 */
export const startServing = async ({ state }: GatewayService): Promise<void> => {
  const loaded = state.revocations.load();
  await state.revocations.known()?.catch(() => undefined);
  await state.listen();
  await loaded;
};

const partsOf = (service: GatewayService, api: Parts['respond']): Parts => {
  const { config, clock } = service;
  const keys = signingKeys(async () => (await service.call(auth.actions.keys, {})).keys as JWK[], clock);
  return {
    call: (action, params, info) => service.send(action, params, info),
    tokens: accessTokens({ keys, issuer: config.issuer, clock, wait: service.state.revocations.known }),
    revocations: service.state.revocations,
    cookies: sessionCookies(config.secureCookies),
    checkCrossSite: crossSiteCheck(config.publicUrl, config.extraOrigins),
    addressOf: (request) => addressOf(request, config.trustedProxies),
    limitsOf: (action) => limitsOf(action, config, service.state.redis),
    respond: api,
  };
};

const serveDocument = (
  contracts: readonly Contract[],
  { config }: GatewayService,
  api: Parts['respond'],
): Serve => {
  const accessCookie = sessionCookies(config.secureCookies).accessName;
  let text: string | null = null;
  return ({ response, requestId }) => {
    text ??= JSON.stringify(openApiDocument(contracts, { publicUrl: config.publicUrl, accessCookie }));
    api.bytes(response, requestId, 200, 'application/json; charset=utf-8', text);
  };
};

const socketsOf = (service: GatewayService, parts: Parts): Sockets => {
  const counter = (name: string, perAddressPerMinute: number) =>
    limitsOf({ name, limit: { perAddressPerMinute } }, service.config, service.state.redis).address;
  const counts = {
    countHandshake: counter(SOCKET_CALL, HANDSHAKES_PER_MINUTE),
    countGuest: counter(`${SOCKET_CALL}.guest`, GUESTS_PER_MINUTE),
  };
  return socketProxy({
    admit: admitSocket({ ...parts, signAssertion: service.signAssertion, ...counts }),
    replicas: replicasOf(() => service.instancesOf(realtime.service), service.clock),
    respond: parts.respond,
    log: service.log,
  });
};

/**
 * Everything that the gateway answers, worked out once: as moleculer-web's aliases, and at the socket's
 * address.
 */
export const gatewayEntries = (
  contracts: readonly Contract[],
  service: GatewayService,
): { aliases: Record<string, AliasHandler>; sockets: Sockets } => {
  const headers = securityHeaders(service.config.publicUrl);
  const api = responder(headers.api, service.log);
  const page = responder(headers.page, service.log);
  const parts = partsOf(service, api);
  const handlers = new Map<string, AliasHandler>();
  for (const [path, methods] of routesOf(contracts)) {
    const serves = [...methods].map(([method, route]) => [method, serveAction(route, parts)] as const);
    handlers.set(path, servePath(new Map(serves), api));
  }
  const pages: Record<string, Serve> = {
    ...serveHealth(service.readiness, api),
    '/api/openapi.json': serveDocument(contracts, service, api),
    ...serveViewer(responder(headers.docs, service.log)),
  };
  for (const [path, serve] of Object.entries(pages))
    handlers.set(path, servePath(new Map([['GET', serve]]), api));
  const others = serveOthers(serveWeb(service.config.webFolder, page), api);
  return { aliases: aliasesOf(handlers, others), sockets: socketsOf(service, parts) };
};
