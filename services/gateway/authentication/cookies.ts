import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Tokens } from '../../../shared/contracts/auth/sessions.ts';
import type { HttpRoute } from '../../../shared/contracts/contract.ts';
import { cookieValues } from './cookie-header.ts';

/** How long a browser keeps the cookie; auth decides how long the token in it is valid. */
const REFRESH_MAX_AGE_S = 30 * 24 * 60 * 60;
/** Browsers keep no cookie for longer (RFC 6265bis 5.5). */
const DEVICE_MAX_AGE_S = 400 * 24 * 60 * 60;

const DEVICE_TOKEN_MAX_LENGTH = 200;

/** `device` marks a browser that has signed in before; it grants no access. */
export type PresentedCookies = { access: string | null; refresh: string | null; device: string | null };

/** The names of the cookies of one instance of the product. */
export type CookieNames = { access: string; refresh: string; device: string };

/** Reads and writes the cookies of a session; all are HttpOnly. */
export type Cookies = {
  names: CookieNames;
  /** @throws AppError `bad_request` when a session's cookie is there twice */
  read(request: IncomingMessage): PresentedCookies;
  /** Set-Cookie values that store the tokens in the browser. */
  set(tokens: Tokens & { deviceToken?: string }): string[];
  /** Set-Cookie values that remove the session's cookies; the device cookie stays. */
  clear: readonly string[];
};

/**
 * Prefixes that browsers guard (RFC 6265bis 4.1.3). Names without a prefix are for development on plain http
 * under another name than localhost, where browsers refuse the guarded ones. Cookies do not separate ports
 * (RFC 6265bis 8.5), so a port other than the scheme's own is part of each name: two instances on one host
 * name must not replace each other's cookies.
 */
const namesOf = (publicUrl: string, secure: boolean): CookieNames => {
  const { port } = new URL(publicUrl);
  const name = (prefix: string, kind: string): string =>
    `${secure ? prefix : ''}payloom_${kind}${port === '' ? '' : `_${port}`}`;
  return {
    access: name('__Host-', 'access'),
    refresh: name('__Secure-', 'refresh'),
    device: name('__Secure-', 'device'),
  };
};

/**
 * The value of a session's cookie. A page of a sibling subdomain can add a cookie with the same name and
 * another domain or path; no order of the two shows which one is ours.
 */
const onlyValue = (header: string, name: string): string | null => {
  const values = cookieValues(header, name);
  if (values.length > 1) {
    const detail = `The cookie ${name} came twice. Remove the cookies of this site and sign in again.`;
    throw new AppError('bad_request', { detail });
  }
  return values[0] || null;
};

/** A device cookie that is not ours must not fail the sign-in: it counts as none, or is cut. */
const deviceValue = (header: string, name: string): string | null => {
  const values = cookieValues(header, name);
  return (values.length === 1 && values[0]?.slice(0, DEVICE_TOKEN_MAX_LENGTH)) || null;
};

/** @param options `publicUrl` is an origin; `secure` sets the Secure attribute and the guarded prefixes */
export const sessionCookies = (options: { publicUrl: string; secure: boolean }): Cookies => {
  const { publicUrl, secure } = options;
  const names = namesOf(publicUrl, secure);
  const guard = `HttpOnly${secure ? '; Secure' : ''}`;
  const accessCookie = (value: string, maxAgeS: number): string =>
    `${names.access}=${value}; Path=/; Max-Age=${maxAgeS}; SameSite=Lax; ${guard}`;
  const refreshCookie = (value: string, maxAgeS: number): string =>
    `${names.refresh}=${value}; Path=/api/auth; Max-Age=${maxAgeS}; SameSite=Strict; ${guard}`;
  const deviceCookie = (value: string): string =>
    `${names.device}=${value}; Path=/api/auth; Max-Age=${DEVICE_MAX_AGE_S}; SameSite=Strict; ${guard}`;
  return {
    names,
    read: ({ headers: { cookie } }) =>
      cookie === undefined
        ? { access: null, refresh: null, device: null }
        : {
            access: onlyValue(cookie, names.access),
            refresh: onlyValue(cookie, names.refresh),
            device: deviceValue(cookie, names.device),
          },
    set: (tokens) => [
      accessCookie(tokens.accessToken, tokens.expiresInS),
      refreshCookie(tokens.refreshToken, REFRESH_MAX_AGE_S),
      ...(tokens.deviceToken === undefined ? [] : [deviceCookie(tokens.deviceToken)]),
    ],
    clear: [accessCookie('', 0), refreshCookie('', 0)],
  };
};

const setCookieHeaders = (values: readonly string[]): string[] =>
  values.flatMap((value) => ['Set-Cookie', value]);

type Session = HttpRoute['session'] | null;
type Params = Record<string, unknown>;

const addFromCookie = (params: Params, name: string, cookie: string, value: string | null): void => {
  if (Object.hasOwn(params, name)) {
    throw new AppError('invalid_params', {
      errors: [{ path: name, message: `is read from the ${cookie} cookie` }],
    });
  }
  if (value !== null) params[name] = value;
};

/**
 * Adds the values of cookies to the params of an action that starts or refreshes a session.
 * @throws AppError `invalid_params` when the body names such a param; `unauthenticated` without a refresh
 *   cookie
 */
export const addCookieParams = (params: Params, session: Session, presented: PresentedCookies): void => {
  if (session === 'start') addFromCookie(params, 'deviceToken', 'device', presented.device);
  if (session !== 'refresh') return;
  addFromCookie(params, 'refreshToken', 'refresh', presented.refresh);
  if (presented.refresh === null) throw new AppError('unauthenticated');
};

/** Moves tokens from an action's result into cookies: the rest of the body, and the headers to send. */
export const moveTokensIntoCookies = (
  result: unknown,
  session: Session,
  cookies: Cookies,
): { body: unknown; headers: readonly string[] } => {
  if (session === null) return { body: result, headers: [] };
  if (session === 'end') return { body: result, headers: setCookieHeaders(cookies.clear) };
  const { tokens, ...body } = result as { tokens: Parameters<Cookies['set']>[0] };
  return { body, headers: setCookieHeaders(cookies.set(tokens)) };
};
