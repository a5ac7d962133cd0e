import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Tokens } from '../../../shared/contracts/auth/sessions.ts';
import type { HttpRoute } from '../../../shared/contracts/contract.ts';

/** How long a browser keeps the cookie; auth decides how long the token in it is valid. */
const REFRESH_MAX_AGE_S = 30 * 24 * 60 * 60;
/** Browsers keep no cookie for longer (RFC 6265bis 5.5). */
const DEVICE_MAX_AGE_S = 400 * 24 * 60 * 60;

const DEVICE_TOKEN_MAX_LENGTH = 200;

/** `device` marks a browser that has signed in before; it grants no access. */
export type PresentedCookies = { access: string | null; refresh: string | null; device: string | null };

/** Reads and writes the cookies of a session; all are HttpOnly. */
export type Cookies = {
  /** Name of the cookie that holds the access token. */
  accessName: string;
  read(request: IncomingMessage): PresentedCookies;
  /** Set-Cookie values that store the tokens in the browser. */
  set(tokens: Tokens & { deviceToken?: string }): string[];
  /** Set-Cookie values that remove the session's cookies; the device cookie stays. */
  clear: readonly string[];
};

const valueOf = (header: string, name: string): string | null => {
  let start = header.indexOf(name);
  while (start > 0 && header[start - 1] !== ' ' && header[start - 1] !== ';')
    start = header.indexOf(name, start + 1);
  if (start === -1) return null;
  const end = header.indexOf(';', start);
  return header.slice(start + name.length, end === -1 ? undefined : end).trim() || null;
};

/**
 * Cookies with prefixes that browsers guard (RFC 6265bis 4.1.3). Plain names without Secure are for
 * development on plain http under another name than localhost, where browsers refuse the guarded ones.
 */
export const sessionCookies = (secure: boolean): Cookies => {
  const access = secure ? '__Host-payloom_access' : 'payloom_access';
  const refresh = secure ? '__Secure-payloom_refresh' : 'payloom_refresh';
  const device = secure ? '__Secure-payloom_device' : 'payloom_device';
  const guard = `HttpOnly${secure ? '; Secure' : ''}`;
  const accessCookie = (value: string, maxAgeS: number): string =>
    `${access}=${value}; Path=/; Max-Age=${maxAgeS}; SameSite=Lax; ${guard}`;
  const refreshCookie = (value: string, maxAgeS: number): string =>
    `${refresh}=${value}; Path=/api/auth; Max-Age=${maxAgeS}; SameSite=Strict; ${guard}`;
  const deviceCookie = (value: string): string =>
    `${device}=${value}; Path=/api/auth; Max-Age=${DEVICE_MAX_AGE_S}; SameSite=Strict; ${guard}`;
  return {
    accessName: access,
    read: ({ headers: { cookie } }) =>
      cookie === undefined
        ? { access: null, refresh: null, device: null }
        : {
            access: valueOf(cookie, `${access}=`),
            refresh: valueOf(cookie, `${refresh}=`),
            // A cookie that is not ours must not fail the sign-in as an invalid param.
            device: valueOf(cookie, `${device}=`)?.slice(0, DEVICE_TOKEN_MAX_LENGTH) ?? null,
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

/** Headers that remove the session's cookies from the browser. */
export const clearingHeaders = ({ clear }: Cookies): string[] => setCookieHeaders(clear);

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
  if (session === 'end') return { body: result, headers: clearingHeaders(cookies) };
  const { tokens, ...body } = result as { tokens: Parameters<Cookies['set']>[0] };
  return { body, headers: setCookieHeaders(cookies.set(tokens)) };
};
