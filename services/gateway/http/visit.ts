import type { IncomingMessage, ServerResponse } from 'node:http';
import { inRequest, type Request, type RequestOrigin } from '../../../broker/calls/request-context.ts';
import { startSpan } from '../../../broker/telemetry/tracing.ts';
import type { GatewayService } from '../gateway.ts';
import { requestIdOf } from './request-id.ts';

/** A request with what becomes known of it while it is served. */
type Visit = Request & {
  id: string;
  /** Method and path as the contract has them; null for what no contract has. */
  route: string | null;
};

const visits = new WeakMap<IncomingMessage, Visit>();

/** Notes the route of a request, for its log line. */
export const nameRoute = (request: IncomingMessage, route: string): void => {
  const visit = visits.get(request);
  if (visit) visit.route = route;
};

/** Notes who makes a request, for its log lines. */
export const nameCaller = (request: IncomingMessage, origin: RequestOrigin): void => {
  const visit = visits.get(request);
  if (visit) visit.origin = origin;
};

/** Runs `serve` as part of a request; `response` is null for a connection that is handed over. */
export type Receive = (request: IncomingMessage, response: ServerResponse | null, serve: () => void) => void;

/**
 * Begins or continues the trace of each request, and writes a log line at its end: the route and never the
 * path, the query or a body. A request keeps its id; baggage (W3C) is dropped, because it may hold anything.
 */
export const receiver =
  ({ beginTrace, log }: Pick<GatewayService, 'beginTrace' | 'log'>): Receive =>
  (request, response, serve) => {
    const { headers, method = '' } = request;
    const startedMs = performance.now();
    const id = requestIdOf(request);
    headers['x-request-id'] = id;
    delete headers['baggage'];
    const entry = beginTrace(headers['traceparent']);
    // A connection that is handed over has no end that is seen here.
    const span = response && startSpan(`HTTP ${method}`, { kind: 'server' }, entry);
    const visit: Visit = { id, origin: null, trace: span?.trace ?? entry, route: null };
    visits.set(request, visit);
    response?.once('close', () => {
      const { route, origin } = visit;
      const { statusCode: status, writableFinished } = response;
      const ms = Math.round((performance.now() - startedMs) * 10) / 10;
      const about = { route: route ?? method, status, ms, userId: origin?.caller?.userId };
      // Files, sockets and health checks are many, and say little.
      const level = route !== null || status >= 400 ? 'info' : 'debug';
      inRequest(visit, () => log[level](about, writableFinished ? 'request' : 'request was aborted'));
      span?.end({
        name: route ?? `HTTP ${method}`,
        attributes: {
          'http.request.method': method,
          ...(route !== null && { 'http.route': route.slice(route.indexOf(' ') + 1) }),
          'http.response.status_code': status,
          'payloom.request_id': id,
        },
        ...(status >= 500 && { error: String(status) }),
      });
    });
    inRequest(visit, serve);
  };
