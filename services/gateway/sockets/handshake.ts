import type { IncomingMessage } from 'node:http';
import type { Revocations } from '../../../broker/calls/revocations.ts';
import type { Service } from '../../../broker/process/service.ts';
import { SOCKET_CALL, SOCKET_CALLER_HEADER, type SocketAccess } from '../../../shared/contracts/realtime.ts';
import type { Cookies } from '../authentication/cookies.ts';
import type { CrossSiteCheck } from '../authentication/csrf.ts';
import { refuseRevoked } from '../authentication/revocation.ts';
import type { Tokens } from '../authentication/tokens.ts';
import { addressBlock } from '../http/address.ts';
import type { Count } from '../limits/rate-limits.ts';

const ASSERTION_LIFETIME_MS = 10_000;

export type HandshakeParts = {
  signAssertion: Service['signAssertion'];
  tokens: Tokens;
  revocations: Revocations;
  cookies: Cookies;
  checkCrossSite: CrossSiteCheck;
  addressOf(request: IncomingMessage): string;
  /** Counts an address's handshakes with cookies. */
  countHandshake: Count | null;
  /** Counts an address's handshakes without cookies, which may carry a ticket. */
  countUnauthenticated: Count | null;
};

/**
 * Checks a request to the socket's address, and replaces its credentials by a signed assertion of its caller
 * in a header; a client's own header of that name, its cookies and its token are removed. A request with the
 * id of an open socket needs no assertion: the id is secret and random, and the socket closes with its
 * session.
 * @throws AppError the refusal
 */
export const signHandshake =
  (parts: HandshakeParts) =>
  async (request: IncomingMessage, requestId: string, socketId: string | null): Promise<void> => {
    const { access: token, refresh } = parts.cookies.read(request);
    const hasCookies = token !== null || refresh !== null;
    parts.checkCrossSite(request, hasCookies);
    const { headers } = request;
    const userAgent = headers['user-agent']?.slice(0, 500) ?? null;
    for (const name of [SOCKET_CALLER_HEADER, 'cookie', 'authorization']) delete headers[name];
    if (socketId !== null) return;
    const address = parts.addressOf(request);
    const count = hasCookies ? parts.countHandshake : parts.countUnauthenticated;
    await count?.(addressBlock(address));
    // A client without cookies may send a ticket, which the realtime service checks.
    const access = token === null ? null : await parts.tokens.accessOf(token);
    if (access) await refuseRevoked(access, parts.revocations);
    const options = {
      caller: access?.caller ?? null,
      requestId,
      address,
      userAgent,
      timeoutMs: ASSERTION_LIFETIME_MS,
    };
    const { expiresAtMs = 0, version = 0, keyId = null } = access ?? {};
    const params: SocketAccess = { expiresAtMs, version, keyId };
    headers[SOCKET_CALLER_HEADER] = parts.signAssertion(SOCKET_CALL, options, params);
  };
