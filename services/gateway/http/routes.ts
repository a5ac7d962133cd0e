import type { Action, Contract, HttpRoute } from '../../../shared/contracts/contract.ts';
import { accessRulesOf, type AccessRules } from '../authentication/access-rules.ts';

/** An action with an HTTP route, with everything derived that does not depend on the request. */
export type Route = AccessRules & {
  method: string;
  path: string;
  pathNames: readonly string[];
  /** The source of params besides the path. */
  source: 'query' | 'json' | 'raw' | 'file';
  bodyMaxBytes: number;
  /** Param names with the request header that fills each. */
  headers: readonly (readonly [param: string, header: string])[];
  status: number;
  /** The file that the answer is; null where it is JSON. */
  download: HttpRoute['download'] | null;
  /** The media type of the image that the answer is; null where it is JSON. */
  image: string | null;
  /** Whether the answer has an entity tag. */
  isRevalidated: boolean;
  /** The path of what the action creates, for its result; null where it creates nothing with a path. */
  locationOf: ((result: Readonly<Record<string, unknown>>) => string) | null;
};

export const BODY_MAX_BYTES = 100 * 1024;

const locationWith =
  (template: string) =>
  (result: Readonly<Record<string, unknown>>): string =>
    template.replaceAll(/:(\w+)/g, (_name, field: string) => encodeURIComponent(String(result[field])));

/** The route of an action at this method and path. */
export const routeOf = (action: Action, http: HttpRoute): Route => {
  const [method = '', path = ''] = http.route.split(' ');
  const takesBody = method !== 'GET' && method !== 'DELETE';
  return {
    ...accessRulesOf(action, method !== 'GET'),
    method,
    path,
    pathNames: [...path.matchAll(/:(\w+)/g)].map((match) => match[1] as string),
    source: takesBody ? (http.body ?? 'json') : 'query',
    bodyMaxBytes: http.bodyMaxBytes ?? BODY_MAX_BYTES,
    headers: Object.entries(http.headers ?? {}),
    status: http.status ?? 200,
    download: http.download ?? null,
    image: http.image ?? null,
    isRevalidated: http.revalidated ?? false,
    locationOf: http.location ? locationWith(http.location) : null,
  };
};

/** All routes of the contracts by path and method; throws when two actions have the same route. */
export const routesOf = (contracts: readonly Contract[]): Map<string, Map<string, Route>> => {
  const paths = new Map<string, Map<string, Route>>();
  for (const action of contracts.flatMap((contract) => Object.values(contract.actions))) {
    if (!action.http) continue;
    const route = routeOf(action, action.http);
    const methods = paths.get(route.path) ?? new Map<string, Route>();
    if (methods.has(route.method)) throw new Error(`${action.http.route} belongs to two actions`);
    paths.set(route.path, methods.set(route.method, route));
  }
  return paths;
};

/** The value of an Allow header; GET includes HEAD. */
export const allowedMethods = (methods: readonly string[]): string =>
  methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
