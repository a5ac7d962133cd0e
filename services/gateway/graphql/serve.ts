import type { ExecutionResult } from 'graphql';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Clock } from '../../../broker/process/clock.ts';
import { isNamed, weakTagOf } from '../http/entity-tags.ts';
import type { Exchange } from '../http/exchange.ts';
import { refuseOversize } from '../http/read-params.ts';
import type { Respond } from '../http/respond.ts';
import { nameRoute } from '../http/visit.ts';
import { strictest, usageHeaders } from '../limits/usage.ts';
import { askedBy, BODY, type Asked } from './asked.ts';
import { contextOf, type GraphqlContext } from './context.ts';
import type { Prepared } from './documents.ts';
import { serverSentEvents } from './events.ts';
import { Refusal, refused } from './failures.ts';
import type { Operations } from './operations.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const RESPONSE_TYPE = 'application/graphql-response+json; charset=utf-8';
const EVENTS_TYPE = 'text/event-stream; charset=utf-8';
/** nginx would hold events back. */
const UNBUFFERED = ['X-Accel-Buffering', 'no'];

/** The number in Last-Event-ID, which a browser that lost its connection sends. */
const lastEventOf = ({ headers }: Exchange['request']): number | undefined => {
  const text = String(headers['last-event-id'] ?? '');
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
};

const accepts = ({ request }: Exchange, type: string): boolean =>
  String(request.headers.accept).includes(type);

/** GraphQL over HTTP: answers as JSON, subscriptions as server-sent events. */
export const serveGraphql = (operations: Operations, respond: Respond, clock: Clock) => {
  const send = (exchange: Exchange, context: GraphqlContext, result: ExecutionResult): void => {
    const { request, response, requestId } = exchange;
    const isModern = accepts(exchange, 'application/graphql-response+json');
    const body = operations.bodyOf(result, requestId);
    const headers = [...context.cookies, ...usageHeaders(strictest(context.usage))];
    if (context.replayed) headers.push('Idempotent-Replayed', 'true');
    // A client that takes `application/json` alone reads the errors of a 200.
    const status = body.data === undefined && isModern ? 400 : 200;
    const type = isModern ? RESPONSE_TYPE : JSON_TYPE;
    const text = JSON.stringify(body);
    if (request.method === 'GET' && !body.errors) {
      const etag = weakTagOf(text);
      headers.push('ETag', etag);
      if (isNamed(request.headers['if-none-match'], etag))
        return respond.empty(response, requestId, 304, headers);
    }
    respond.bytes(response, requestId, status, type, text, headers);
  };

  const sendEvents = async (
    exchange: Exchange,
    prepared: Prepared,
    asked: Asked,
    context: GraphqlContext,
  ) => {
    if (!accepts(exchange, 'text/event-stream'))
      throw refused('A subscription is answered as text/event-stream, or over a WebSocket.');
    const { response, requestId } = exchange;
    const results = await operations.stream(prepared, asked, context);
    if (response.destroyed) return;
    respond.head(response, requestId, EVENTS_TYPE, UNBUFFERED);
    await operations.sendAll(results, context, serverSentEvents(response));
  };

  return async (exchange: Exchange): Promise<void> => {
    const { request, response, requestId } = exchange;
    nameRoute(request, `${request.method} ${exchange.path}`);
    refuseOversize(request, BODY);
    const reading = new AbortController();
    response.once('close', () => reading.abort());
    const asking = { request, requestId, signal: reading.signal, after: lastEventOf(request) };
    const context = contextOf(asking, clock.nowMs());
    const asked = await askedBy(exchange);
    try {
      const prepared = operations.prepare(asked);
      const { operation: kind } = prepared.operation;
      // A page of another site could send one as a link.
      if (request.method !== 'POST' && kind === 'mutation')
        return respond.problem(response, requestId, new AppError('method_not_allowed'), ['Allow', 'POST']);
      if (kind === 'subscription') await sendEvents(exchange, prepared, asked, context);
      else send(exchange, context, await operations.run(prepared, asked, context));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(exchange, context, { errors: error.errors });
    }
  };
};
