import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';

/** Throws `cross_site` when a page that is not ours may have sent the request. */
export type CrossSiteCheck = (request: IncomingMessage, carriesCookies: boolean) => void;

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

const siblingsOf = (publicUrl: string): string[] => {
  const { protocol, hostname, port } = new URL(publicUrl);
  if (!LOCAL_HOSTS.includes(hostname)) return [publicUrl];
  return LOCAL_HOSTS.map((host) => `${protocol}//${host}${port === '' ? '' : `:${port}`}`);
};

/**
 * A browser names the page behind a write in Origin, or its relation to us in Sec-Fetch-Site. A request that
 * carries cookies and names neither is refused: no browser of ours sends one.
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
