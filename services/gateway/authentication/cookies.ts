import type { IncomingMessage } from 'node:http';
import type { Tokens } from '../../../shared/contracts/auth/fields.ts';

/** How long a browser keeps a cookie; auth itself decides how long what is in it is good for. */
const REFRESH_MAX_AGE_S = 30 * 24 * 60 * 60;
/** Browsers keep no cookie for longer (RFC 6265bis 5.5). */
const DEVICE_MAX_AGE_S = 400 * 24 * 60 * 60;

const DEVICE_TOKEN_MAX_LENGTH = 200;

/** `device` says that this browser has signed in before; it opens nothing. */
export type PresentedCookies = { access: string | null; refresh: string | null; device: string | null };

/** Reads and writes the cookies of a session; script never sees any of them. */
export type Cookies = {
  /** Name of the cookie that holds the access token. */
  accessName: string;
  read(request: IncomingMessage): PresentedCookies;
  /** Set-Cookie values that hand the tokens to the browser. */
  set(tokens: Tokens & { deviceToken?: string }): string[];
  /** Set-Cookie values that take the session away; the browser stays a known one. */
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
            // Nobody is kept from signing in by a cookie that is none of ours.
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
