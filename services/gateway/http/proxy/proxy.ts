import * as z from 'zod/mini';
import { AppError } from '../../../../broker/calls/errors.ts';
import { currentTraceparent } from '../../../../broker/calls/request-context.ts';
import { contract, type Action } from '../../../../shared/contracts/contract.ts';
import { accessRulesOf } from '../../authentication/access-rules.ts';
import type { GatewayService } from '../../gateway.ts';
import { usageHeaders, type Usage } from '../../limits/usage.ts';
import type { Exchange, Serve } from '../exchange.ts';
import { pipelineOf, type PipelineParts } from '../pipeline.ts';
import { nameRoute } from '../visit.ts';
import { drain } from '../read-params.ts';
import type { Respond } from '../respond.ts';
import type { FlatHeaders } from '../security-headers.ts';
import { forward } from './forward.ts';
import type { ProxyRoute } from './routes.ts';
import type { UpstreamTokens } from './upstream-tokens.ts';

export type ProxyParts = {
  service: Pick<GatewayService, 'config' | 'log'>;
  tokens: UpstreamTokens;
  pipeline: PipelineParts;
  respond: Respond;
  /** The headers of every answer of the API. */
  headers: FlatHeaders;
};

/** Requests that change nothing; a page of another site may send them. */
const READS = ['GET', 'HEAD', 'OPTIONS'];
/** An answer to TRACE holds the token that the upstream got. */
const REFUSED = ['TRACE', 'CONNECT'];

/** A route as two actions, which have the limits of any action of ours. */
const actionsOf = ({ prefix, permission }: ProxyRoute): { read: Action; write: Action } =>
  contract(`proxy ${prefix}`, {
    actions: {
      read: { ...ACTION, http: { route: `GET ${prefix}` as `GET /` }, permission, idempotent: 'read' },
      write: { ...ACTION, http: { route: `POST ${prefix}` as `POST /` }, permission, idempotent: 'no' },
    },
    events: {},
  }).actions;
const ACTION = { summary: '', params: z.object({}), result: z.object({}), errors: [] };

/** Whether the path leaves its prefix for a server that resolves `..`, encoded or not. */
const leavesPrefix = (path: string): boolean =>
  /(?:\/|\\|%2f|%5c)(?:\.|%2e){1,2}(?:;[^/\\]*)?(?:\/|\\|%2f|%5c|$)/i.test(path);

const serveRoute = (route: ProxyRoute, { service, ...parts }: ProxyParts): Serve => {
  const { publicUrl, proxyTimeoutMs } = service.config;
  const { respond, tokens } = parts;
  const actions = actionsOf(route);
  const reads = pipelineOf(accessRulesOf(actions.read, false), parts.pipeline);
  const writes = pipelineOf(accessRulesOf(actions.write, true), parts.pipeline);
  const { host, protocol } = new URL(publicUrl);
  const via = `payloom.${host}`;

  const run = async (exchange: Exchange, usage: Usage): Promise<void> => {
    const { request, response, requestId, path, query } = exchange;
    nameRoute(request, `${request.method} ${route.prefix}`);
    const { method = '', headers, httpVersion } = request;
    if (REFUSED.includes(method)) throw new AppError('method_not_allowed');
    if (leavesPrefix(path)) throw new AppError('bad_request');
    const coding = headers['transfer-encoding']?.toLowerCase() ?? 'chunked';
    if (coding !== 'chunked') throw new AppError('bad_request');
    if (headers.via?.includes(via)) {
      throw new AppError('bad_gateway', { detail: 'This address leads back to itself.' });
    }
    const pipeline = READS.includes(method) ? reads : writes;
    const { options } = await pipeline.admit({ request, requestId, query, usage });
    const token = await tokens.tokenFor(options, route.upstream);
    if (response.destroyed) return;
    forward(exchange, {
      upstream: route.upstream,
      timeoutMs: proxyTimeoutMs,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        host: new URL(route.upstream).host,
        via: [...(headers.via ? [headers.via] : []), `${httpVersion} ${via}`].join(', '),
        'x-request-id': requestId,
        traceparent: currentTraceparent() ?? '',
        'x-forwarded-for': options.address ?? '',
        'x-forwarded-host': host,
        'x-forwarded-proto': protocol.slice(0, -1),
      },
      answerHeaders: ['X-Request-Id', requestId, ...parts.headers, ...usageHeaders(usage), ...UNBUFFERED],
      publicUrl,
      respond,
      log: service.log,
    });
  };

  return (exchange) => {
    const { request, response, requestId } = exchange;
    response.once('finish', () => {
      if (!request.complete) drain(request);
    });
    const usage: Usage = [];
    run(exchange, usage).catch((error: unknown) => {
      // A client that waits for 100 does not send its body after a refusal.
      if (request.headers.expect !== undefined) response.shouldKeepAlive = false;
      respond.problem(response, requestId, error, usageHeaders(usage));
    });
  };
};
/** nginx passes such answers on as they come, and removes the header. */
const UNBUFFERED: FlatHeaders = ['X-Accel-Buffering', 'no'];

/** Serves paths whose prefix belongs to an upstream. */
export type Proxy = {
  /** The route of a path, with its prefix; null for a path that is served here. */
  find(path: string): { prefix: string; serve: Serve } | null;
};

export const proxyOf = (parts: ProxyParts): Proxy => {
  const routes = parts.service.config.proxyRoutes.map((route) => ({
    prefix: route.prefix,
    serve: serveRoute(route, parts),
  }));
  return {
    find: (path) => routes.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`)) ?? null,
  };
};
