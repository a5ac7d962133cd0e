import type { Action, Contract, HttpRoute } from '../../../shared/contracts/contract.ts';
import type { Role } from '../../../shared/contracts/roles.ts';

/** An action with an HTTP line, with everything worked out that does not depend on the request. */
export type Route = {
  action: Action;
  method: string;
  path: string;
  pathNames: readonly string[];
  /** Where params come from besides the path. */
  source: 'query' | 'json' | 'raw';
  /** Param names with the request header that fills each. */
  headers: readonly (readonly [param: string, header: string])[];
  status: number;
  session: HttpRoute['session'] | null;
  /** `null`: anyone. Empty: whoever is signed in. */
  roles: readonly Role[] | null;
  /** Changes something, so that a foreign site must not be able to send it with a person's cookies. */
  write: boolean;
  takesKey: boolean;
};

const routeOf = (action: Action, http: HttpRoute): Route => {
  const [method = '', path = ''] = http.route.split(' ');
  const { permission } = action;
  if (permission === 'services')
    throw new Error(`${action.name} is for services only and can have no HTTP line`);
  const takesBody = method !== 'GET' && method !== 'DELETE';
  return {
    action,
    method,
    path,
    pathNames: [...path.matchAll(/:(\w+)/g)].map((match) => match[1] as string),
    source: takesBody ? (http.body ?? 'json') : 'query',
    headers: Object.entries(http.headers ?? {}),
    status: http.status ?? 200,
    session: http.session ?? null,
    roles: permission === 'anyone' ? null : permission === 'signed-in' ? [] : permission,
    write: method !== 'GET',
    takesKey: action.idempotent === 'key',
  };
};

/** All routes of the contracts by path and method; throws when two actions claim one line. */
export const routesOf = (contracts: readonly Contract[]): Map<string, Map<string, Route>> => {
  const paths = new Map<string, Map<string, Route>>();
  for (const action of contracts.flatMap((contract) => Object.values(contract.actions))) {
    if (!action.http) continue;
    const route = routeOf(action, action.http);
    const methods = paths.get(route.path) ?? new Map<string, Route>();
    if (methods.has(route.method)) throw new Error(`${action.http.route} is claimed twice`);
    paths.set(route.path, methods.set(route.method, route));
  }
  return paths;
};

/** What an Allow header says; who takes GET takes HEAD. */
export const allowedMethods = (methods: readonly string[]): string =>
  methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
