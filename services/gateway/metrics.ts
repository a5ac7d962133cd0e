import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram } from 'prom-client';
import { withinLimit } from '../../broker/telemetry/within-limit.ts';
import type { ErrorCode } from '../../shared/contracts/errors.ts';

type Probe = () => Promise<void>;

const watched = new Set<ReadonlyMap<string, Probe>>();

new Gauge({
  name: 'payloom_proxy_upstream_up',
  help: 'Whether the upstream of a proxy route answers HTTP (1) or not (0), by the prefix of the route',
  labelNames: ['prefix'],
  async collect() {
    this.reset();
    const probes = [...watched].flatMap((all) => [...all]);
    const isUp = (probe: Probe) =>
      probe().then(
        () => 1,
        () => 0,
      );
    await Promise.all(probes.map(async ([prefix, probe]) => this.set({ prefix }, await isUp(probe))));
  },
});

/** Exports the health of upstreams, by prefix, when metrics are read. Returns a function that ends it. */
export const watchUpstreams = (probes: ReadonlyMap<string, Probe>): (() => void) => {
  watched.add(probes);
  return () => void watched.delete(probes);
};

const requestSeconds = new Histogram({
  name: 'payloom_http_request_seconds',
  help:
    'Time from the head of an HTTP request to the end of its answer, by route (a path of the API, pages, ' +
    'socket, proxy with its prefix, or unknown), method and status (499: the client left before the end)',
  labelNames: ['route', 'method', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});
const problems = new Counter({
  name: 'payloom_http_problems_total',
  help: 'Requests that were answered with a problem, by its error code',
  labelNames: ['code'],
});

const poc2Requests = new Counter({
  name: 'payloom_poc2_requests_total',
  help:
    'Requests to the API of POC-2, by endpoint (or other) and client: its X-Client or User-Agent, of the ' +
    'first 50 that got an answer',
  labelNames: ['route', 'client'],
});

/** Both are of closed sets. */
export const countPoc2 = (route: string, client: string): void => poc2Requests.inc({ route, client });

/** Any client may send any method that Node knows. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const CLIENT_LEFT = 499;

/** @param route one of a closed set */
export const measureRequest = (
  { method = '' }: IncomingMessage,
  response: ServerResponse,
  route: string,
): void => {
  const startedMs = performance.now();
  response.once('close', () => {
    const status = response.writableFinished ? response.statusCode : CLIENT_LEFT;
    const labels = { route, method: METHODS.has(method) ? method : 'other', status };
    requestSeconds.observe(labels, (performance.now() - startedMs) / 1_000);
  });
};

export const countProblem = (code: ErrorCode): void => problems.inc({ code });

type Certificate = { address: string; readExpiry: () => Promise<number> };
let certificate: Certificate | null = null;

new Gauge({
  name: 'payloom_certificate_expires_timestamp_seconds',
  help: 'When the certificate of the edge expires, in seconds since 1970, by the address in EDGE_ADDRESS',
  labelNames: ['address'],
  async collect() {
    if (!certificate) return;
    const { address, readExpiry } = certificate;
    // An edge that does not answer leaves the last value.
    const expiry = await withinLimit(readExpiry());
    if (expiry !== null) this.set({ address }, expiry);
  },
});

/** Exports the expiry of a certificate when metrics are read. Returns the function that ends it. */
export const watchCertificate = (watched: Certificate): (() => void) => {
  certificate = watched;
  return () => {
    if (certificate === watched) certificate = null;
  };
};
