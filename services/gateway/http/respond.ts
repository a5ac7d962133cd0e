import type { ServerResponse } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import { currentTraceId } from '../../../broker/calls/request-context.ts';
import { reportFailure } from '../../../broker/telemetry/failures.ts';
import type { Logger } from '../../../broker/process/logger.ts';
import { asAppError, problemOf } from './problems.ts';
import type { Problem } from '../../../shared/contracts/errors.ts';
import { countProblem } from '../metrics.ts';
import type { FlatHeaders } from './security-headers.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json';

const CACHING = 'Cache-Control';

/** The fixed headers of a kind of response, then its own; what it says of caching replaces what they say. */
const headersWith = (fixed: FlatHeaders, own: FlatHeaders): FlatHeaders => {
  const at = own.includes(CACHING) ? fixed.indexOf(CACHING) : -1;
  return at === -1 ? [...fixed, ...own] : [...fixed.slice(0, at), ...fixed.slice(at + 2), ...own];
};

/** Counts a refusal; logs and reports the cause of an unknown error. */
export const noteFailure = (known: AppError, error: unknown, log: Logger): void => {
  countProblem(known.code);
  if (known.code !== 'internal') return;
  const cause = known.cause ?? error;
  log.error({ err: cause }, 'request failed');
  // What another process answered has no cause here: that process has reported it.
  reportFailure(cause, { service: 'gateway' });
};

/** Sends the head of a response whose length is not known. */
const headWith =
  (fixed: FlatHeaders) =>
  (response: ServerResponse, requestId: string, type: string, headers: FlatHeaders = []): void => {
    response.writeHead(200, ['X-Request-Id', requestId, 'Content-Type', type, ...fixed, ...headers]);
    response.flushHeaders();
  };

/** How a problem is sent. */
type Format = (problem: Problem) => { status: number; type: string; body: unknown };
const asProblem: Format = (problem) => ({ status: problem.status, type: PROBLEM_TYPE, body: problem });

/** Sends responses of one kind (API, page, docs): that kind's fixed headers, then the response's own. */
export const responder = (fixed: FlatHeaders, log: Logger, format = asProblem) => {
  const bytes = (
    response: ServerResponse,
    requestId: string,
    status: number,
    type: string,
    body: string | Buffer,
    headers: FlatHeaders = [],
  ): void => {
    const length = String(typeof body === 'string' ? Buffer.byteLength(body) : body.length);
    const all = ['X-Request-Id', requestId, 'Content-Type', type, 'Content-Length', length];
    all.push(...headersWith(fixed, headers));
    response.writeHead(status, all).end(body);
  };
  return {
    bytes,
    json: (
      response: ServerResponse,
      requestId: string,
      status: number,
      body: unknown,
      headers?: FlatHeaders,
    ): void => bytes(response, requestId, status, JSON_TYPE, JSON.stringify(body), headers),
    empty: (response: ServerResponse, requestId: string, status: number, headers: FlatHeaders = []): void => {
      response.writeHead(status, ['X-Request-Id', requestId, ...headersWith(fixed, headers)]).end();
    },
    head: headWith(fixed),
    /** Sends the head of a file, whose length is not known. */
    file: (
      response: ServerResponse,
      requestId: string,
      { type, name }: { type: string; name: string },
      headers: FlatHeaders = [],
    ): void => {
      const all = ['X-Request-Id', requestId, 'Content-Type', type, ...fixed, ...headers];
      all.push('Content-Disposition', `attachment; filename="${name}"`);
      response.writeHead(200, all);
    },
    /**
     * Sends an error as a problem; unknown errors are logged and sent as `internal`.
     */
    problem: (
      response: ServerResponse,
      requestId: string,
      error: unknown,
      headers: FlatHeaders = [],
    ): void => {
      const known = asAppError(error, () => new AppError('bad_request'));
      const problem = problemOf(known, requestId, currentTraceId());
      noteFailure(known, error, log);
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const { retryAfterS } = known.data;
      const all = [...headers];
      if (retryAfterS !== undefined) all.push('Retry-After', String(retryAfterS));
      if (problem.status === 401) all.push('WWW-Authenticate', 'Bearer realm="payloom"');
      const { status, type, body } = format(problem);
      bytes(response, requestId, status, type, JSON.stringify(body), all);
    },
  };
};
export type Respond = ReturnType<typeof responder>;
