import type { ServerResponse } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Logger } from '../../../broker/process/logger.ts';
import { asAppError, problemOf } from './problems.ts';
import type { FlatHeaders } from './security-headers.ts';

/** Answers of one kind (API, page, docs): the fixed headers, then what the answer itself brings. */
export type Respond = {
  json(
    response: ServerResponse,
    requestId: string,
    status: number,
    body: unknown,
    headers?: FlatHeaders,
  ): void;
  empty(response: ServerResponse, requestId: string, status: number, headers?: FlatHeaders): void;
  bytes(
    response: ServerResponse,
    requestId: string,
    status: number,
    type: string,
    body: string | Buffer,
    headers?: FlatHeaders,
  ): void;
  /** Any error as a problem; unknown ones are logged with the request id and told as `internal`. */
  problem(response: ServerResponse, requestId: string, error: unknown, headers?: FlatHeaders): number;
};

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json';

const writeBody = (
  response: ServerResponse,
  requestId: string,
  status: number,
  headers: FlatHeaders,
  type: string,
  body: string | Buffer,
): void => {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const all = ['X-Request-Id', requestId, 'Content-Type', type, 'Content-Length', String(length), ...headers];
  response.writeHead(status, all).end(body);
};

export const responder = (fixed: FlatHeaders, log: Logger): Respond => ({
  json: (response, requestId, status, body, headers) =>
    writeBody(
      response,
      requestId,
      status,
      headers ? [...fixed, ...headers] : fixed,
      JSON_TYPE,
      JSON.stringify(body),
    ),
  empty: (response, requestId, status, headers = []) => {
    response.writeHead(status, ['X-Request-Id', requestId, ...fixed, ...headers]).end();
  },
  bytes: (response, requestId, status, type, body, headers) =>
    writeBody(response, requestId, status, headers ? [...fixed, ...headers] : fixed, type, body),
  problem: (response, requestId, error, headers = []) => {
    const known = asAppError(error, () => new AppError('bad_request'));
    const problem = problemOf(known, requestId);
    if (known.code === 'internal') log.error({ err: known.cause ?? error, requestId }, 'a request failed');
    if (response.headersSent) {
      response.destroy();
      return problem.status;
    }
    const { retryAfterS } = known.data;
    const all = [
      ...fixed,
      ...headers,
      ...(retryAfterS === undefined ? [] : ['Retry-After', String(retryAfterS)]),
      ...(problem.status === 401 ? ['WWW-Authenticate', 'Bearer realm="payloom"'] : []),
    ];
    writeBody(response, requestId, problem.status, all, PROBLEM_TYPE, JSON.stringify(problem));
    return problem.status;
  },
});
