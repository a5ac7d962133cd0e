import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import { requestIdOf } from './request-id.ts';
import type { Respond } from './respond.ts';

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * Refuses a request whose body has not arrived after this time, and closes its connection. Node's own
 * `requestTimeout` holds for all requests of a server, also for those that stream a large body.
 */
export const limitArrival = (
  request: IncomingMessage,
  response: ServerResponse,
  respond: Respond,
  limitMs: number,
): void => {
  if (request.complete || !hasBody(request)) return;
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (response.headersSent) return void request.socket.destroy();
    response.shouldKeepAlive = false;
    respond.problem(response, requestIdOf(request), new AppError('request_timeout'));
  }, limitMs);
  // A request that is aborted has no end.
  request.once('end', () => clearTimeout(timer));
  timer.unref();
};
