import { createServer, type Server } from 'node:http';
import type { JWK } from 'jose';
import type { Redis } from '../../broker/cache/redis.ts';
import { revocations, type Revocations } from '../../broker/calls/revocations.ts';
import { trackConnections, type Connections } from '../../broker/process/connections.ts';
import type { Service } from '../../broker/process/service.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { signingKeys, type SigningKeys } from './authentication/signing-keys.ts';
import type { GatewayConfig } from './config.ts';
import { measureCertificate } from './http/edge-certificate.ts';
import { upstreamProbe } from './http/proxy/probe.ts';
import { upstreamTokens, type UpstreamTokens } from './http/proxy/upstream-tokens.ts';
import { watchUpstreams } from './metrics.ts';

export type GatewayState = {
  /** Sessions that have ended and users whose rights have changed. */
  revocations: Revocations;
  /** The keys that verify access tokens. */
  signingKeys: SigningKeys;
  /** Where gateways count requests together; null where this process counts alone. */
  redis: Redis | null;
  /** The HTTP server; it listens once the revocations are loaded. */
  server: Server;
  connections: Connections;
  upstreamTokens: UpstreamTokens;
  /** A health check for each upstream, by the prefix of its route. */
  upstreams: ReadonlyMap<string, () => Promise<void>>;
  /** Ends the export of what this process probes. */
  unwatch(): void;
};
export type GatewayService = Service<GatewayConfig, GatewayState>;

export const gatewayState = async (service: Service<GatewayConfig, undefined>): Promise<GatewayState> => {
  const { clock, config, log, name } = service;
  const { redisUrl: url } = config;
  const server = createServer();
  const upstreams = new Map(
    config.proxyRoutes.map(({ prefix, upstream }) => [prefix, upstreamProbe(upstream)]),
  );
  const probes = [watchUpstreams(upstreams), measureCertificate(config)];
  return {
    revocations: revocations({
      service: name,
      clock,
      log,
      fetch: () => service.call(auth.actions.revocations, {}),
    }),
    signingKeys: signingKeys(async () => (await service.call(auth.actions.keys, {})).keys as JWK[], clock),
    // The Redis client is imported only where a Redis is configured.
    redis: url
      ? (await import('../../broker/cache/redis.ts')).openRedis({ url, name: 'gateway', log })
      : null,
    server,
    connections: trackConnections(server),
    upstreamTokens: upstreamTokens(service),
    upstreams,
    unwatch: () => probes.forEach((end) => end()),
  };
};
