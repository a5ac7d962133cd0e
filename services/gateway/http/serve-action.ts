import type { IncomingMessage } from 'node:http';
import type { Answer } from '../../../broker/calls/call.ts';
import type { Caller } from '../../../broker/calls/envelope.ts';
import type { Revocations } from '../../../broker/calls/revocations.ts';
import { AppError, isAppError, statusOf } from '../../../broker/calls/errors.ts';
import { countHttp } from '../../../broker/telemetry/metrics.ts';
import type { Tokens } from '../../../shared/contracts/auth/fields.ts';
import type { Action } from '../../../shared/contracts/contract.ts';
import type { Cookies, PresentedCookies } from '../authentication/cookies.ts';
import type { CrossSiteCheck } from '../authentication/csrf.ts';
import { refuseRevoked } from '../authentication/refuse-revoked.ts';
import type { Access, Tokens as AccessTokens } from '../authentication/tokens.ts';
import type { ActionLimits } from '../limits/limits.ts';
import { addressBlock } from './address.ts';
import type { Exchange, Serve } from './exchange.ts';
import { readParams, refuseOversize, type Params } from './read-params.ts';
import type { Respond } from './respond.ts';
import type { Route } from './routes.ts';
import type { FlatHeaders } from './security-headers.ts';

export type CallInfo = {
  caller: Caller | null;
  requestId: string;
  address: string;
  userAgent: string | null;
  idempotencyKey: string | null;
};

/** What serving an action needs of the gateway. */
export type Parts = {
  call(action: Action, params: unknown, info: CallInfo): Promise<Answer<unknown>>;
  tokens: AccessTokens;
  revocations: Revocations;
  cookies: Cookies;
  checkCrossSite: CrossSiteCheck;
  addressOf(request: IncomingMessage): string;
  limitsOf(action: Action): ActionLimits;
  respond: Respond;
};

type Credentials = { bearer: string | null } & PresentedCookies;

const REPLAYED: FlatHeaders = ['Idempotent-Replayed', 'true'];

const bearerOf = ({ headers: { authorization } }: IncomingMessage): string | null =>
  authorization !== undefined && /^bearer\b/i.test(authorization) ? authorization.slice(7).trim() : null;

const credentialsOf = (request: IncomingMessage, cookies: Cookies): Credentials => ({
  bearer: bearerOf(request),
  ...cookies.read(request),
});

/** A foreign page cannot add a bearer token unasked, and we never allow it; cookies travel by themselves. */
const refuseCrossSite = (request: IncomingMessage, route: Route, given: Credentials, parts: Parts): void => {
  if (!route.write) return;
  const startsSession = route.session === 'start' || route.session === 'refresh';
  if (given.bearer !== null && !startsSession) return;
  const carriesCookies = given.access !== null || given.refresh !== null;
  if (route.session !== null || (route.roles !== null && carriesCookies)) {
    parts.checkCrossSite(request, carriesCookies);
  }
};

const accessOf = (route: Route, given: Credentials, { tokens }: Parts): Access | Promise<Access> | null => {
  if (route.roles === null) return null;
  const token = given.bearer ?? given.access;
  if (token === null) throw new AppError('unauthenticated');
  return tokens.accessOf(token);
};

const refuseRole = ({ roles }: Route, { role }: Caller): void => {
  if (roles?.length && !roles.includes(role)) throw new AppError('forbidden');
};

/** Gives an action what stands in a cookie, which nothing in a body may name. */
const addFromCookie = (params: Params, name: string, cookie: string, value: string | null): void => {
  if (Object.hasOwn(params, name)) {
    throw new AppError('invalid_params', {
      errors: [{ path: name, message: `is read from the ${cookie} cookie` }],
    });
  }
  if (value !== null) params[name] = value;
};

const addCookies = (params: Params, { session }: Route, given: Credentials): void => {
  if (session === 'start') addFromCookie(params, 'deviceToken', 'device', given.device);
  if (session !== 'refresh') return;
  addFromCookie(params, 'refreshToken', 'refresh', given.refresh);
  if (given.refresh === null) throw new AppError('unauthenticated');
};

/** Whom a sign-in counts against: the e-mail address it names, as auth reads it. */
const namedAccount = ({ email }: Params): string | null =>
  typeof email === 'string' ? email.trim().toLowerCase().slice(0, 255) : null;

const setCookies = (values: readonly string[]): string[] => values.flatMap((value) => ['Set-Cookie', value]);

/** Moves tokens from the result into cookies; gives the body that is left and the headers to send. */
const settleSession = (
  route: Route,
  result: unknown,
  cookies: Cookies,
): { body: unknown; headers: FlatHeaders } => {
  if (route.session === null) return { body: result, headers: [] };
  if (route.session === 'end') return { body: result, headers: setCookies(cookies.clear) };
  const { tokens, ...body } = result as { tokens: Tokens & { deviceToken?: string } };
  return { body, headers: setCookies(cookies.set(tokens)) };
};

/** Serves one action over HTTP: who asks, may they, how often, with what; then the call and its answer. */
export const serveAction = (route: Route, parts: Parts): Serve => {
  const { action } = route;
  const limits = parts.limitsOf(action);

  const run = async ({ request, response, requestId, query, pathParams }: Exchange): Promise<void> => {
    refuseOversize(request);
    const given = credentialsOf(request, parts.cookies);
    refuseCrossSite(request, route, given, parts);
    const address = parts.addressOf(request);
    if (limits.address) await limits.address(addressBlock(address));
    const found = accessOf(route, given, parts);
    const access = found instanceof Promise ? await found : found;
    if (access) {
      const known = refuseRevoked(access, parts.revocations);
      if (known) await known;
      refuseRole(route, access.caller);
    }
    const caller = access?.caller ?? null;
    if (caller && limits.account) await limits.account(caller.userId);
    const params = await readParams(request, route, query, pathParams);
    addCookies(params, route, given);
    const account = caller === null && limits.account ? namedAccount(params) : null;
    if (account !== null && limits.account) await limits.account(account);
    const key = request.headers['idempotency-key'];
    const { result, replayed } = await parts.call(action, params, {
      caller,
      requestId,
      address,
      userAgent: request.headers['user-agent']?.slice(0, 500) ?? null,
      idempotencyKey: route.takesKey && typeof key === 'string' ? key : null,
    });
    // The answer to a sign-out must not overtake its own effect in this process.
    if (route.session === 'end' && caller) parts.revocations.add({ sessionIds: [caller.sessionId] });
    const { body, headers } = settleSession(route, result, parts.cookies);
    const all = replayed ? [...headers, ...REPLAYED] : headers;
    countHttp(action.name, route.status);
    if (route.status === 204) parts.respond.empty(response, requestId, 204, all);
    else parts.respond.json(response, requestId, route.status, body, all);
  };

  return (exchange) => {
    run(exchange).catch((error: unknown) => {
      const lost = route.session === 'refresh' && isAppError(error) && statusOf(error.code) === 401;
      const headers = lost ? setCookies(parts.cookies.clear) : [];
      countHttp(action.name, parts.respond.problem(exchange.response, exchange.requestId, error, headers));
    });
  };
};
