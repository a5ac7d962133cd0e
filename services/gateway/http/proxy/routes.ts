import { BlockList, isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import * as z from 'zod/mini';
import { isLoopback } from '../../../../broker/process/config.ts';
import type { Contract } from '../../../../shared/contracts/contract.ts';
import { role } from '../../../../shared/contracts/roles.ts';
import { routesOf } from '../routes.ts';

const permission = z.union([z.enum(['anyone', 'signed-in']), z.array(role).check(z.minLength(1))]);

/** `PROXY_ROUTES`: upstreams by path prefix. */
const settings = z.record(
  z.string(),
  z.pipe(
    z.union([z.string(), z.strictObject({ upstream: z.string(), permission: z.optional(permission) })]),
    z.transform((given) => (typeof given === 'string' ? { upstream: given } : given)),
  ),
);

/** A path prefix whose requests go to an HTTP server that is no service of ours. */
export type ProxyRoute = {
  /** Below `/api/`, without a slash at its end; stays in the path that the upstream gets. */
  prefix: string;
  /** The upstream's origin. */
  upstream: string;
  /** As in a contract. `anyone`: the upstream gets no identity. */
  permission: z.output<typeof permission>;
};

const PREFIX = /^\/api(?:\/[\w.~-]*[\w~-][\w.~-]*)+$/;

const upstreamOf = (prefix: string, text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const rest = url && [url.username, url.password, url.search, url.hash].join('');
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || rest !== '')
    throw new Error(`needs for ${prefix} an http or https origin such as http://archive:8080`);
  return url.origin;
};

const routeOf = ([prefix, given]: [string, { upstream: string; permission?: unknown }]): ProxyRoute => {
  if (!PREFIX.test(prefix)) throw new Error(`has the prefix ${prefix}; a prefix is like /api/archive`);
  const { permission: who = 'signed-in' } = given;
  return { prefix, upstream: upstreamOf(prefix, given.upstream), permission: who } as ProxyRoute;
};

/** The routes of `PROXY_ROUTES`, longer prefixes first. Throws an Error whose message follows its name. */
export const readProxyRoutes = (text: string): ProxyRoute[] => {
  if (text.trim() === '') return [];
  let given: z.output<typeof settings>;
  try {
    given = settings.parse(JSON.parse(text));
  } catch {
    throw new Error('must be JSON such as {"/api/archive":"http://archive:8080"}');
  }
  return Object.entries(given)
    .map(routeOf)
    .sort((a, b) => b.prefix.length - a.prefix.length);
};

const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['127.0.0.0', 8],
] as const)
  PRIVATE.addSubnet(network, bits);
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addAddress('::1', 'ipv6');

const hostOf = (origin: string): string => new URL(origin).hostname.replace(/^\[|\]$/g, '');

/** An address of a private network (RFC 1918, RFC 4193) or a name that only private networks resolve. */
const isPrivate = (origin: string): boolean => {
  const host = hostOf(origin);
  if (isIP(host) !== 0) return PRIVATE.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
  return !host.includes('.') || /\.(internal|local|localhost)$/.test(host);
};

export type OwnAddress = { port: number; host: string; origins: readonly string[] };

const isThisProcess = (origin: string, { port, host, origins }: OwnAddress): boolean => {
  if (origins.includes(origin)) return true;
  const url = new URL(origin);
  if (Number(url.port || (url.protocol === 'https:' ? 443 : 80)) !== port) return false;
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const own = [host, hostname(), '0.0.0.0', '::', ...addresses.map(({ address }) => address)];
  return isLoopback(origin) || own.includes(hostOf(origin));
};

/** Why routes cannot be used, as ends of sentences that begin with `PROXY_ROUTES`. */
export const unsafeRoutes = (routes: readonly ProxyRoute[], own: OwnAddress, production: boolean): string[] =>
  routes.flatMap(({ prefix, upstream }) => {
    if (isThisProcess(upstream, own)) return [`sends ${prefix} to this gateway itself`];
    if (!production || upstream.startsWith('https:') || isPrivate(upstream)) return [];
    return [`must use https for ${prefix} in production: its upstream is not in a private network`];
  });

/** What the gateway serves below /api beside contracts. */
const OWN_PATHS = ['/api/docs', '/api/openapi.json', '/api/asyncapi.json'];

/** Whether one of the paths of a route, such as `/api/payments/:id`, is the prefix or below it. */
const overlaps = (prefix: string, path: string): boolean => {
  const segments = path.split('/');
  const wanted = prefix.split('/');
  return (
    segments.length >= wanted.length &&
    wanted.every((segment, at) => segments[at] === segment || segments[at]?.startsWith(':'))
  );
};

/** Routes that would hide a path that the gateway serves itself; sentences as of `unsafeRoutes`. */
export const overlappingRoutes = (
  routes: readonly ProxyRoute[],
  contracts: readonly Contract[],
): string[] => {
  if (routes.length === 0) return [];
  const paths = [...routesOf(contracts).keys(), ...OWN_PATHS];
  return routes.flatMap(({ prefix }) => {
    const own = OWN_PATHS.find((path) => prefix.startsWith(`${path}/`));
    const path = own ?? paths.find((other) => overlaps(prefix, other));
    return path === undefined ? [] : [`has the prefix ${prefix}, which overlaps with the route ${path}`];
  });
};
