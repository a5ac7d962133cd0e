import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Serve } from './exchange.ts';
import { requestIdOf } from './request-id.ts';
import type { Respond } from './respond.ts';
import { allowedMethods } from './routes.ts';

/** What answers at one path, by method. */
export type Methods = ReadonlyMap<string, Serve>;

/** How moleculer-web hands over path params when `mergeParams` is off. */
type Matched = IncomingMessage & { originalUrl?: string; $params?: { params?: Record<string, string> } };

/** A handler as moleculer-web's aliases take it. */
export type AliasHandler = (request: Matched, response: ServerResponse) => void;

const NO_PARAMS = {};

const enter = (request: Matched, response: ServerResponse, requestId: string, serve: Serve): void => {
  const target = request.originalUrl ?? request.url ?? '/';
  const mark = target.indexOf('?');
  serve({
    request,
    response,
    requestId,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
    pathParams: request.$params?.params ?? NO_PARAMS,
  });
};

/** Answers one path by method: HEAD as GET, any method that it does not take with 405 and what is allowed. */
export const servePath = (methods: Methods, respond: Respond): AliasHandler => {
  const allow = ['Allow', allowedMethods([...methods.keys()])];
  const get = methods.get('GET');
  return (request, response) => {
    const requestId = requestIdOf(request);
    const serve = methods.get(request.method ?? '') ?? (request.method === 'HEAD' ? get : undefined);
    if (serve) enter(request, response, requestId, serve);
    else respond.problem(response, requestId, new AppError('method_not_allowed'), allow);
  };
};

/** Answers every path that no contract has: a problem below /api, else the built pages. */
export const serveOthers = (web: Serve, respond: Respond): AliasHandler => {
  const page = servePath(new Map([['GET', web]]), respond);
  return (request, response) => {
    const target = request.originalUrl ?? request.url ?? '/';
    if (!/^\/api(?:[/?]|$)/.test(target)) return page(request, response);
    respond.problem(response, requestIdOf(request), new AppError('not_found'));
  };
};

/** Aliases in the order in which they are to be tried: paths spelled out before paths with params. */
export const aliasesOf = (
  handlers: ReadonlyMap<string, AliasHandler>,
  others: AliasHandler,
): Record<string, AliasHandler> => {
  const params = (path: string): number => path.split(':').length;
  const sorted = [...handlers].sort(([a], [b]) => params(a) - params(b));
  return {
    ...Object.fromEntries(sorted.map(([path, handler]) => [`* ${path}`, handler])),
    '* /{*rest}': others,
  };
};
