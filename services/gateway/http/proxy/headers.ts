import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FlatHeaders } from '../security-headers.ts';

/** Headers for one connection only (RFC 9110 7.6.1); those that `Connection` names come to them. */
const HOP_BY_HOP = /^(connection|keep-alive|proxy-.*|te|transfer-encoding|upgrade|http2-settings)$/;

/**
 * What no upstream gets from a client: its credentials for us, addresses, ids and traces that we set, and
 * headers with which frameworks replace the path that was checked.
 */
const NOT_FOR_UPSTREAM = new RegExp(
  '^(cookie|authorization|host|expect|via|forwarded|x-forwarded-.*|x-real-ip|x-request-id|' +
    'traceparent|tracestate|baggage|x-original-url|x-rewrite-url)$',
);

/**
 * What no client gets from an upstream, because it concerns the whole origin, other connections, CORS, or
 * the server in front of us.
 */
const NOT_FOR_CLIENT = new RegExp(
  '^(set-cookie2?|clear-site-data|alt-svc|nel|report-to|reporting-endpoints|service-worker-allowed|' +
    'access-control-.*|content-security-policy.*|cross-origin-.*|strict-transport-security|x-accel-.*|' +
    'x-sendfile|server|x-powered-by|x-request-id)$',
);

const namedBy = (connection: string | undefined): Set<string> =>
  new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));

/** Some frameworks read `x_real_ip` as `x-real-ip`; nginx drops such names too. */
const isForUpstream = (name: string): boolean =>
  !HOP_BY_HOP.test(name) && !NOT_FOR_UPSTREAM.test(name) && !name.includes('_');

const isForClient = (name: string): boolean => !HOP_BY_HOP.test(name) && !NOT_FOR_CLIENT.test(name);

/** Names and values in pairs from a flat list. */
const pairsOf = (flat: readonly string[]): [name: string, value: string][] => {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push([flat[at] as string, flat[at + 1] as string]);
  return pairs;
};

/** How the body is delimited. A `Trailer` header may come with chunks only. */
const framing = ({ method = '', headers }: IncomingMessage): IncomingHttpHeaders => {
  if (headers['transfer-encoding'] !== undefined) return { 'transfer-encoding': 'chunked' };
  const length = headers['content-length'] ?? (/^(GET|HEAD)$/.test(method) ? undefined : '0');
  return length === undefined ? {} : { 'content-length': length };
};

/** The client's headers without those that stay here, and those that say what we know of it. */
export const headersForUpstream = (
  request: IncomingMessage,
  own: Readonly<Record<string, string>>,
): IncomingHttpHeaders => {
  const { headers } = request;
  const named = namedBy(headers.connection);
  const passed = Object.entries(headers).filter(([name]) => isForUpstream(name) && !named.has(name));
  const kept = Object.fromEntries(passed) as IncomingHttpHeaders;
  delete kept['content-length'];
  if (headers['transfer-encoding'] === undefined) delete kept.trailer;
  const takesTrailers = /\btrailers\b/i.test(String(headers.te ?? ''));
  return { ...kept, ...framing(request), ...(takesTrailers && { te: 'trailers' }), ...own };
};

/**
 * An upstream's headers without those that stay here, and ours. Its own `Cache-Control` replaces ours.
 * @param rewriteLocation what a client gets for a `Location`
 */
export const headersForClient = (
  answer: IncomingMessage,
  ours: FlatHeaders,
  rewriteLocation: (location: string) => string,
): string[] => {
  const named = namedBy(answer.headers.connection);
  const own = pairsOf(ours).filter(
    ([name]) => name !== 'Cache-Control' || answer.headers['cache-control'] === undefined,
  );
  const ownNames = new Set(own.map(([name]) => name.toLowerCase()));
  const passed = pairsOf(answer.rawHeaders).filter(([name]) => {
    const lower = name.toLowerCase();
    return isForClient(lower) && !named.has(lower) && !ownNames.has(lower);
  });
  return [
    ...passed.flatMap(([name, value]) => [
      name,
      name.toLowerCase() === 'location' ? rewriteLocation(value) : value,
    ]),
    ...own.flat(),
  ];
};

const trailersWhere = (raw: readonly string[], passes: (name: string) => boolean): [string, string][] =>
  pairsOf(raw).filter(([name]) => passes(name.toLowerCase()) && !/^content-/i.test(name));

export const trailersForUpstream = ({ rawTrailers }: IncomingMessage) =>
  trailersWhere(rawTrailers, isForUpstream);
export const trailersForClient = ({ rawTrailers }: IncomingMessage) =>
  trailersWhere(rawTrailers, isForClient);
