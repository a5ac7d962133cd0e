import type { IncomingMessage } from 'node:http';
import type { CallOptions } from '../../../broker/calls/call.ts';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Revocations } from '../../../broker/calls/revocations.ts';
import type { Action } from '../../../shared/contracts/contract.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import type { AccessRules } from '../authentication/access-rules.ts';
import { readCredentials, type Credentials } from '../authentication/credentials.ts';
import { addCookieParams, moveTokensIntoCookies, type Cookies } from '../authentication/cookies.ts';
import { refuseCrossSite, type CrossSiteCheck } from '../authentication/csrf.ts';
import { refuseRevoked } from '../authentication/revocation.ts';
import type { Tokens } from '../authentication/tokens.ts';
import { namedAccount, type ActionLimits } from '../limits/rate-limits.ts';
import { usageHeaders, type Usage } from '../limits/usage.ts';
import { addressBlock } from './address.ts';
import type { FlatHeaders } from './security-headers.ts';
import { nameCaller } from './visit.ts';

/** What the steps need of the gateway. */
export type PipelineParts = {
  tokens: Tokens;
  revocations: Revocations;
  cookies: Cookies;
  checkCrossSite: CrossSiteCheck;
  addressOf(request: IncomingMessage): string;
  limitsOf(action: Action): ActionLimits;
};

/** A request on its way to its action. `usage` grows with each limit that it is counted against. */
export type Arrived = { request: IncomingMessage; requestId: string; query: string; usage: Usage };

/** A request that may call its action. */
export type Admitted = { credentials: Credentials; options: CallOptions; usage: Usage };

type Params = Record<string, unknown>;

/** The caller of the access token, whose session, rights and role are checked. */
const authenticate = async (
  roles: readonly Role[],
  { bearer, access: cookie }: Credentials,
  { tokens, revocations }: PipelineParts,
): Promise<Caller> => {
  const token = bearer ?? cookie;
  if (token === null) throw new AppError('unauthenticated');
  const found = tokens.accessOf(token);
  const access = found instanceof Promise ? await found : found;
  const pending = refuseRevoked(access, revocations);
  if (pending) await pending;
  if (roles.length > 0 && !roles.includes(access.caller.role)) throw new AppError('forbidden');
  return access.caller;
};

/**
 * The steps between a request and the call of one action, for any entry point: `admit`, then the entry point
 * reads the params, then `prepare`, the call with `options`, and `settle`. `admit` and `prepare` throw an
 * AppError as the refusal. A refusal removes no cookies: a browser removes them by name, so the late answer
 * to an old request would remove those of a sign-in that came after it. A refused cookie grants nothing, and
 * the next sign-in replaces it.
 */
export const pipelineOf = (rules: AccessRules, parts: PipelineParts) => {
  const { action, roles, session, takesKey } = rules;
  const { cookies } = parts;
  const limits = parts.limitsOf(action);
  return {
    /** Origin, address limit, token, revocation, role, account limit. */
    admit: async ({ request, requestId, query, usage }: Arrived): Promise<Admitted> => {
      const { headers } = request;
      const credentials = readCredentials(request, cookies);
      refuseCrossSite(request, rules, credentials, parts.checkCrossSite);
      const address = parts.addressOf(request);
      const cost = limits.costOf(query);
      if (limits.address) await limits.address(addressBlock(address), usage, cost);
      const caller = roles === null ? null : await authenticate(roles, credentials, parts);
      if (caller && limits.account) await limits.account(caller.userId, usage, cost);
      const key = headers['idempotency-key'];
      const idempotencyKey = takesKey && typeof key === 'string' ? key : null;
      const userAgent = headers['user-agent']?.slice(0, 500) ?? null;
      const asked = { caller, address, userAgent };
      nameCaller(request, asked);
      return { credentials, usage, options: { ...asked, requestId, idempotencyKey } };
    },
    /** Adds what is read from cookies to the params; counts a sign-in against the account that it names. */
    prepare: async (params: Params, { credentials, options, usage }: Admitted): Promise<void> => {
      addCookieParams(params, session, credentials);
      if (options.caller !== null || !limits.account) return;
      const account = namedAccount(params);
      if (account !== null) await limits.account(account, usage);
    },
    /** The body to send for a result, without tokens, and the Set-Cookie headers. */
    settle: (result: unknown, admitted: Admitted): { body: unknown; headers: FlatHeaders } => {
      const { credentials, options, usage } = admitted;
      // A request that follows the response to a sign-out must find the session revoked in this process.
      if (session === 'end' && options.caller)
        parts.revocations.add({ sessionIds: [options.caller.sessionId] });
      // A bearer token's session is not the one of the cookies.
      const isOther = session === 'end' && credentials.bearer !== null;
      const { body, headers } = isOther
        ? { body: result, headers: [] }
        : moveTokensIntoCookies(result, session, cookies);
      return { body, headers: [...headers, ...usageHeaders(usage)] };
    },
  };
};
