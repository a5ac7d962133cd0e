import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Serve } from './exchange.ts';
import { requestIdOf } from './request-id.ts';
import type { Respond } from './respond.ts';
import { allowedMethods } from './routes.ts';

/** The handlers of one path, by method. */
export type Methods = ReadonlyMap<string, Serve>;

/** A request as moleculer-web passes it with its path params when `mergeParams` is off. */
type Matched = IncomingMessage & { originalUrl?: string; $params?: { params?: Record<string, string> } };

/** A handler of a moleculer-web alias. */
export type AliasHandler = (request: Matched, response: ServerResponse) => void;

const NO_PARAMS = {};

const dispatch = (request: Matched, response: ServerResponse, requestId: string, serve: Serve): void => {
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

/** Serves one path by method: HEAD as GET; other methods get 405 with an Allow header. */
export const servePath = (methods: Methods, respond: Respond): AliasHandler => {
  const allow = ['Allow', allowedMethods([...methods.keys()])];
  const get = methods.get('GET');
  return (request, response) => {
    const requestId = requestIdOf(request);
    const serve = methods.get(request.method ?? '') ?? (request.method === 'HEAD' ? get : undefined);
    if (serve) dispatch(request, response, requestId, serve);
    else respond.problem(response, requestId, new AppError('method_not_allowed'), allow);
  };
};

/** Serves every path that no contract has: 404 below /api, also with more slashes, else the built pages. */
export const serveOthers = (web: Serve, respond: Respond): AliasHandler => {
  const page = servePath(new Map([['GET', web]]), respond);
  return (request, response) => {
    const target = request.originalUrl ?? request.url ?? '/';
    if (!/^\/+api(?:[/?]|$)/.test(target)) return page(request, response);
    respond.problem(response, requestIdOf(request), new AppError('not_found'));
  };
};

/** Aliases in the order in which they are tried: literal paths before paths with params. */
export const aliasesOf = (
  handlers: ReadonlyMap<string, AliasHandler>,
  others: AliasHandler,
): Record<string, AliasHandler> => {
  const params = (path: string): number => path.split(':').length + (path.includes('*') ? path.length : 0);
  const sorted = [...handlers].sort(([a], [b]) => params(a) - params(b));
  return {
    ...Object.fromEntries(sorted.map(([path, handler]) => [`* ${path}`, handler])),
    '* /{*rest}': others,
  };
};
