import type { IncomingHttpHeaders } from 'node:http';
import { securityHeaders } from '../../services/gateway/http/security-headers.ts';

/** A header list as an object with names in lower case, without those that depend on the response. */
const asObject = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    flat.flatMap((name, at) =>
      at % 2 === 0 && !/^(cache-control|content-security-policy)$/i.test(name)
        ? [[name.toLowerCase(), flat[at + 1] ?? '']]
        : [],
    ),
  );
/** What the gateway sends with a page; it has no strict transport security for plain http. */
const SECURITY = asObject(securityHeaders('http://localhost').page);
const REQUEST_ID = /^[\w.-]{8,64}$/;

/** All security headers are there, once, and the request's id. */
export const expectSecurity = ({ headers }: { headers: IncomingHttpHeaders }): void => {
  expect(headers).toMatchObject(SECURITY);
  expect(headers['x-request-id']).toMatch(REQUEST_ID);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|, /);
  expect(headers['server']).toBe('nginx');
};
