import type { IncomingMessage } from 'node:http';
import type { Tokens } from '../../../shared/contracts/auth-fields.ts';

/** How long a browser keeps the refresh cookie; auth itself decides how long the token in it is good for. */
const REFRESH_MAX_AGE_S = 30 * 24 * 60 * 60;

/** Reads and writes the two session cookies; script never sees either. */
export type Cookies = {
  /** Name of the cookie that holds the access token. */
  accessName: string;
  read(request: IncomingMessage): { access: string | null; refresh: string | null };
  /** Set-Cookie values that hand the tokens to the browser. */
  set(tokens: Tokens): string[];
  /** Set-Cookie values that take both away. */
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
  const guard = `HttpOnly${secure ? '; Secure' : ''}`;
  const accessCookie = (value: string, maxAgeS: number): string =>
    `${access}=${value}; Path=/; Max-Age=${maxAgeS}; SameSite=Lax; ${guard}`;
  const refreshCookie = (value: string, maxAgeS: number): string =>
    `${refresh}=${value}; Path=/api/auth; Max-Age=${maxAgeS}; SameSite=Strict; ${guard}`;
  return {
    accessName: access,
    read: ({ headers: { cookie } }) =>
      cookie === undefined
        ? { access: null, refresh: null }
        : { access: valueOf(cookie, `${access}=`), refresh: valueOf(cookie, `${refresh}=`) },
    set: (tokens) => [
      accessCookie(tokens.accessToken, tokens.expiresInS),
      refreshCookie(tokens.refreshToken, REFRESH_MAX_AGE_S),
    ],
    clear: [accessCookie('', 0), refreshCookie('', 0)],
  };
};
