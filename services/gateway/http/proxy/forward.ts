import type { ClientRequest, IncomingMessage } from 'node:http';
import { createProxyServer } from 'httpxy';
import { AppError, isAppError } from '../../../../broker/calls/errors.ts';
import type { Logger } from '../../../../broker/process/logger.ts';
import type { Exchange } from '../exchange.ts';
import type { Respond } from '../respond.ts';
import type { FlatHeaders } from '../security-headers.ts';
import { headersForClient, headersForUpstream, trailersForClient, trailersForUpstream } from './headers.ts';

/** A killed host does not refuse connections: packets to it are lost. */
const CONNECT_LIMIT_MS = 2_000;
const TOO_LATE = { detail: 'The service behind this address took too long.' };

export type Forwarding = {
  /** An origin. */
  upstream: string;
  /** How long nothing may move in either direction, and how long the upstream may take to answer. */
  timeoutMs: number;
  /** Headers for the upstream beside the client's. */
  headers: Readonly<Record<string, string>>;
  /** Headers for the client beside the upstream's. */
  answerHeaders: FlatHeaders;
  /** The origin that replaces the upstream's in `Location`. */
  publicUrl: string;
  respond: Respond;
  log: Logger;
};

/** An origin as httpxy takes it; of a URL it would resolve an IPv6 address with its brackets as a name. */
export const targetOf = (origin: string) => {
  const { protocol, hostname, port } = new URL(origin);
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port };
};

/** Ends a request whose connection is not made in time, or on which nothing moves. */
const limitTime = (toUpstream: ClientRequest, limitMs: number, late: () => AppError): void => {
  const timer = setTimeout(() => toUpstream.destroy(new AppError('timeout', TOO_LATE)), CONNECT_LIMIT_MS);
  const connected = () => clearTimeout(timer);
  toUpstream.socket?.once('connect', connected).once('close', connected);
  toUpstream.setTimeout(limitMs, () => toUpstream.destroy(late()));
};

/**
 * Asks the upstream whether the client may send its body, and passes the answer on.
 * @returns whether the client still waits
 */
const forwardExpectation = (
  toUpstream: ClientRequest,
  { response }: Pick<Exchange, 'response'>,
): (() => boolean) => {
  let waits = true;
  const { shouldKeepAlive } = response;
  // A client that gets a whole answer instead does not send its body (RFC 9110 10.1.1).
  response.shouldKeepAlive = false;
  toUpstream.once('continue', () => {
    waits = false;
    response.shouldKeepAlive = shouldKeepAlive;
    response.writeContinue();
  });
  toUpstream.setHeader('Expect', '100-continue');
  toUpstream.flushHeaders();
  return () => waits;
};

/**
 * Forwards a request to an upstream and its answer to the client, both as streams with back-pressure; either
 * side's abort ends the other. Each request has a connection of its own: on a reused one a POST could be lost
 * without being sent, and the bytes of one user's request could be read as part of another's.
 */
export const forward = ({ request, response, requestId }: Exchange, forwarding: Forwarding): void => {
  const { upstream, timeoutMs, respond } = forwarding;
  const expects = request.headers.expect !== undefined && request.httpVersion === '1.1';
  let waits = (): boolean => false;

  /** Who is late: a client that does not send its body, or else the upstream. */
  const late = (toUpstream: ClientRequest): AppError =>
    !request.complete && toUpstream.writableLength === 0 && !waits()
      ? new AppError('request_timeout')
      : new AppError('timeout', TOO_LATE);

  const fail = (cause: Error): void => {
    if (response.destroyed) return;
    if (response.headersSent) return void response.destroy();
    const error = isAppError(cause) ? cause : new AppError('bad_gateway', {}, { cause });
    forwarding.log.warn({ err: cause, upstream }, 'an upstream failed');
    respond.problem(response, requestId, error);
  };

  const answer = (fromUpstream: IncomingMessage): void => {
    const toOurs = (location: string): string =>
      location.startsWith(`${upstream}/`) ? forwarding.publicUrl + location.slice(upstream.length) : location;
    const headers = headersForClient(fromUpstream, forwarding.answerHeaders, toOurs);
    response.writeHead(fromUpstream.statusCode ?? 0, headers);
    fromUpstream.once('end', () => response.addTrailers(trailersForClient(fromUpstream)));
    fromUpstream.pipe(response);
  };

  const proxy = createProxyServer({
    target: targetOf(upstream),
    agent: false,
    selfHandleResponse: true,
  });
  proxy.on('proxyReq', (toUpstream) => {
    limitTime(toUpstream, timeoutMs, () => late(toUpstream));
    if (expects) waits = forwardExpectation(toUpstream, { response });
    request.once('end', () => toUpstream.addTrailers(trailersForUpstream(request)));
  });
  proxy.on('proxyRes', (fromUpstream) => {
    try {
      answer(fromUpstream);
    } catch (error) {
      // Node sends no status below 100 and no header that it finds invalid.
      fromUpstream.destroy();
      fail(error as Error);
    }
  });
  proxy.on('error', fail);
  request.headers = headersForUpstream(request, forwarding.headers);
  proxy.web(request, response).catch(fail);
};
