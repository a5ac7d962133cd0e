import type { IncomingMessage } from 'node:http';
import type { Revocations } from '../../../broker/calls/revocations.ts';
import type { Service } from '../../../broker/process/service.ts';
import { SOCKET_CALL, SOCKET_CALLER_HEADER, type SocketAccess } from '../../../shared/contracts/realtime.ts';
import type { Cookies } from '../authentication/cookies.ts';
import type { CrossSiteCheck } from '../authentication/csrf.ts';
import { refuseRevoked } from '../authentication/refuse-revoked.ts';
import type { Tokens } from '../authentication/tokens.ts';
import { addressBlock } from '../http/address.ts';
import type { Count } from '../limits/limits.ts';

const ASSERTION_LIFETIME_MS = 10_000;

export type AdmitParts = {
  signAssertion: Service['signAssertion'];
  tokens: Tokens;
  revocations: Revocations;
  cookies: Cookies;
  checkCrossSite: CrossSiteCheck;
  addressOf(request: IncomingMessage): string;
  /** Counts the handshakes of an address: those with cookies, and those that may bring a ticket later. */
  countHandshake: Count | null;
  countGuest: Count | null;
};

/**
 * Lets a request to the socket's address through, or throws what is wrong with it. A handshake goes on with
 * the word of the gateway for who asks; what a client says of that in headers of its own never does. One with
 * the id of an open socket needs no more: nobody else knows that id, and the socket ends with its session.
 */
export const admitSocket =
  (parts: AdmitParts) =>
  async (request: IncomingMessage, requestId: string, socketId: string | null): Promise<void> => {
    const { access: token, refresh } = parts.cookies.read(request);
    const bringsCookies = token !== null || refresh !== null;
    parts.checkCrossSite(request, bringsCookies);
    const { headers } = request;
    const userAgent = headers['user-agent']?.slice(0, 500) ?? null;
    for (const name of [SOCKET_CALLER_HEADER, 'cookie', 'authorization']) delete headers[name];
    if (socketId !== null) return;
    const address = parts.addressOf(request);
    const count = bringsCookies ? parts.countHandshake : parts.countGuest;
    await count?.(addressBlock(address));
    // Somebody without cookies may still bring a ticket, which the service itself looks at.
    const access = token === null ? null : await parts.tokens.accessOf(token);
    if (access) await refuseRevoked(access, parts.revocations);
    const who = {
      caller: access?.caller ?? null,
      requestId,
      address,
      userAgent,
      timeoutMs: ASSERTION_LIFETIME_MS,
    };
    const params: SocketAccess = { expiresAtMs: access?.expiresAtMs ?? 0, version: access?.version ?? 0 };
    headers[SOCKET_CALLER_HEADER] = parts.signAssertion(SOCKET_CALL, who, params);
  };
