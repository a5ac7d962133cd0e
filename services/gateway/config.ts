import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { flag, isLoopback, number, redisUrl, testSwitches, testSystem } from '../../broker/process/config.ts';
import { reportTarget, sentryDsn, sentryEnvironment } from '../../broker/process/sentry-settings.ts';
import type { Contract, Limit } from '../../shared/contracts/contract.ts';
import { wholeDay } from '../../shared/contracts/fields.ts';
import { readNetworks } from './http/address.ts';
import { overlappingRoutes, readProxyRoutes, unsafeRoutes } from './http/proxy/routes.ts';

/** A text that `parse` reads; without `error` the message of what it throws is the error. */
const parsedText = <T>(parse: (text: string) => T, error?: string) =>
  z.pipe(
    z._default(z.string(), ''),
    z.transform((text, context) => {
      try {
        return parse(text);
      } catch (cause) {
        context.issues.push({ code: 'custom', message: error ?? (cause as Error).message, input: text });
        return z.NEVER;
      }
    }),
  );

const itemsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

const originOf = (text: string): string => {
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.hash)
    throw new Error(text);
  return url.origin;
};

const dayOf = (text: string): Date => new Date(wholeDay.parse(text));

const documents = z.record(z.string(), z.string());

/** Trusted documents of a JSON file, by their ids. */
const readDocuments = (path: string): ReadonlyMap<string, string> | null => {
  if (path === '') return null;
  const read = documents.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!read.success) throw new Error('must be a JSON file with GraphQL documents by their ids');
  return new Map(Object.entries(read.data));
};

const perMinute = z.optional(z.int().check(z.gte(0)));
const limitsByAction = z.record(
  z.string(),
  z.strictObject({ perAccountPerMinute: perMinute, perAddressPerMinute: perMinute }),
);

const settings = z.object({
  ...testSystem,
  PORT: number(3000, 0, 65_535),
  HOST: z._default(z.string(), '127.0.0.1'),
  PUBLIC_URL: parsedText(
    (text) => (text === '' ? null : originOf(text)),
    'must be an http or https origin such as https://pay.example.com',
  ),
  TRUSTED_PROXIES: parsedText(
    (text) => (text === 'none' ? 'none' : readNetworks(itemsOf(text))),
    'must be addresses or networks such as 10.0.0.0/8, separated by commas, or none',
  ),
  GATEWAY_LIMITS: parsedText(
    (text): Readonly<Record<string, Limit>> => (text === '' ? {} : limitsByAction.parse(JSON.parse(text))),
    'must be JSON such as {"auth.login":{"perAccountPerMinute":100}}',
  ),
  GATEWAY_LIMITS_OFF: flag,
  EDGE_ADDRESS: parsedText(
    (text) => (text === '' ? null : new URL(`https://${text}`).host),
    'must be a host and port such as edge:8443',
  ),
  PROXY_ROUTES: parsedText(readProxyRoutes),
  PROXY_TIMEOUT_MS: number(30_000, 100, 3_600_000),
  GATEWAY_EXTRA_ORIGINS: parsedText(
    (text) => itemsOf(text).map(originOf),
    'must be origins separated by commas',
  ),
  POC2_API: z._default(z.enum(['on', 'off'], { error: 'must be on or off' }), 'off'),
  POC2_API_SUNSET: parsedText(
    (text) => (text === '' ? null : dayOf(text)),
    'must be a day such as 2027-06-30',
  ),
  GRAPHQL_INTROSPECTION: z.optional(z.enum(['on', 'off'], { error: 'must be on or off' })),
  GRAPHQL_DOCUMENTS: parsedText(readDocuments),
  DRAIN_MS: number(2_000, 0, 5_000),
  REDIS_URL: redisUrl,
  GATEWAY_WEB_FOLDER: z._default(z.string(), 'dist/web'),
  SERVICE_WORKER: z._default(z.enum(['on', 'off'], { error: 'must be on or off' }), 'on'),
  SENTRY_BROWSER_DSN: sentryDsn,
  SENTRY_ENVIRONMENT: sentryEnvironment,
  AUTH_ISSUER: z.optional(z.string()),
});

const isEncrypted = (origin: string): boolean => origin.startsWith('https:') || isLoopback(origin);

type Settings = z.output<typeof settings>;
const publicUrlOf = ({ PUBLIC_URL, PORT }: Settings): string => PUBLIC_URL ?? `http://localhost:${PORT}`;

/** A condition that must hold in production. */
const inProduction = (name: keyof Settings, isMet: (given: Settings) => boolean, error: string) =>
  z.refine<Settings>((given) => given.NODE_ENV !== 'production' || isMet(given), { path: [name], error });

const routesAreSafe = z.check<Settings>(({ value, issues }) => {
  const origins = [publicUrlOf(value), ...value.GATEWAY_EXTRA_ORIGINS];
  const own = { port: value.PORT, host: value.HOST, origins };
  for (const message of unsafeRoutes(value.PROXY_ROUTES, own, value.NODE_ENV === 'production'))
    issues.push({ code: 'custom', path: ['PROXY_ROUTES'], message, input: undefined });
});

const safe = settings.check(
  routesAreSafe,
  ...testSwitches('GATEWAY_LIMITS_OFF'),
  inProduction(
    'PUBLIC_URL',
    (given) => isEncrypted(publicUrlOf(given)),
    'must be https in production: cookies would be sent unencrypted',
  ),
  inProduction(
    'GATEWAY_EXTRA_ORIGINS',
    (given) => given.GATEWAY_EXTRA_ORIGINS.every(isEncrypted),
    'must be https in production: anyone on the way could change such a page',
  ),
  inProduction(
    'TRUSTED_PROXIES',
    (given) => given.TRUSTED_PROXIES !== null,
    'must be set in production: addresses of proxies, or none where clients connect directly',
  ),
);

/** `publicUrl` is an origin; `secureCookies` follows its scheme, not a request's. */
export const config = z.pipe(
  safe,
  z.transform((given) => {
    const publicUrl = publicUrlOf(given);
    return {
      port: given.PORT,
      host: given.HOST,
      publicUrl,
      secureCookies: isEncrypted(publicUrl),
      trustedProxies: given.TRUSTED_PROXIES === 'none' ? null : given.TRUSTED_PROXIES,
      limits: given.GATEWAY_LIMITS,
      limitsOff: given.GATEWAY_LIMITS_OFF,
      redisUrl: given.REDIS_URL || null,
      edgeAddress: given.EDGE_ADDRESS,
      proxyRoutes: given.PROXY_ROUTES,
      proxyTimeoutMs: given.PROXY_TIMEOUT_MS,
      /** Whether POC-2's API is served, and the last day on which its clients may rely on it. */
      poc2Api: given.POC2_API === 'on',
      poc2Sunset: given.POC2_API_SUNSET,
      graphql: {
        /** The documents that may be asked for, by their ids; null for any. */
        documents: given.GRAPHQL_DOCUMENTS,
        /** Whether clients may read the schema; in production only where it is asked for. */
        introspection:
          (given.GRAPHQL_INTROSPECTION ?? (given.NODE_ENV === 'production' ? 'off' : 'on')) === 'on',
      },
      extraOrigins: given.GATEWAY_EXTRA_ORIGINS,
      drainMs: given.DRAIN_MS,
      webFolder: given.GATEWAY_WEB_FOLDER,
      /** Whether browsers get a service worker, or one that ends those they have. */
      hasWorker: given.SERVICE_WORKER === 'on',
      /** Where pages report their defects. */
      reports: reportTarget(given.SENTRY_BROWSER_DSN, given),
      /** Whether everybody may open another version of a micro-frontend, not only administrators. */
      isDevelopment: given.NODE_ENV !== 'production',
      issuer: given.AUTH_ISSUER || publicUrl,
    };
  }),
);
export type GatewayConfig = z.output<typeof config>;

/** The configuration of a gateway that serves the routes of these contracts. */
export const configFor = (contracts: readonly Contract[]) =>
  config.check(
    z.check<GatewayConfig>(({ value, issues }) => {
      for (const message of overlappingRoutes(value.proxyRoutes, contracts))
        issues.push({ code: 'custom', path: ['PROXY_ROUTES'], message, input: undefined });
    }),
  );
