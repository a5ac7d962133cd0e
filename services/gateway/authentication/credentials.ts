import type { IncomingMessage } from 'node:http';
import type { Cookies, PresentedCookies } from './cookies.ts';

/** The credentials of a request: a bearer token (RFC 6750) and the session's cookies. */
export type Credentials = { bearer: string | null } & PresentedCookies;

const bearerOf = ({ headers: { authorization } }: IncomingMessage): string | null =>
  authorization !== undefined && /^bearer\b/i.test(authorization) ? authorization.slice(7).trim() : null;

export const readCredentials = (request: IncomingMessage, cookies: Cookies): Credentials => ({
  bearer: bearerOf(request),
  ...cookies.read(request),
});
