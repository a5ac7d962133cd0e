import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import type { AccessRules } from './access-rules.ts';
import type { Credentials } from './credentials.ts';

/** Throws `cross_site` when a page of another site may have sent the request. */
export type CrossSiteCheck = (request: IncomingMessage, carriesCookies: boolean) => void;

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

const siblingsOf = (publicUrl: string): string[] => {
  const { protocol, hostname, port } = new URL(publicUrl);
  if (!LOCAL_HOSTS.includes(hostname)) return [publicUrl];
  return LOCAL_HOSTS.map((host) => `${protocol}//${host}${port === '' ? '' : `:${port}`}`);
};

/**
 * A browser sends the origin of the page behind a write in Origin, or its relation to this site in
 * Sec-Fetch-Site. A request with cookies and neither header is refused: no supported browser sends one.
 */
export const crossSiteCheck = (publicUrl: string, extraOrigins: readonly string[]): CrossSiteCheck => {
  const ours = new Set([...siblingsOf(publicUrl), ...extraOrigins]);
  return (request, carriesCookies) => {
    const { origin } = request.headers;
    const site = request.headers['sec-fetch-site'];
    if (origin !== undefined) {
      if (!ours.has(origin)) throw new AppError('cross_site');
    } else if (site !== undefined) {
      if (site !== 'same-origin') throw new AppError('cross_site');
    } else if (carriesCookies) throw new AppError('cross_site');
  };
};

/**
 * Refuses a write with cookies that another site may have sent (CSRF), every start, refresh or end of a
 * session, and what only our own pages send. A request with a bearer token passes: a foreign page cannot add
 * one, because CORS never allows it.
 */
export const refuseCrossSite = (
  request: IncomingMessage,
  { write, session, roles, ownPagesOnly }: Omit<AccessRules, 'action' | 'takesKey'>,
  { bearer, access, refresh }: Credentials,
  check: CrossSiteCheck,
): void => {
  if (!write) return;
  const startsSession = session === 'start' || session === 'refresh';
  if (bearer !== null && !startsSession) return;
  const carriesCookies = access !== null || refresh !== null;
  const isChecked = session !== null || ownPagesOnly || (roles !== null && carriesCookies);
  if (isChecked) check(request, carriesCookies);
};
