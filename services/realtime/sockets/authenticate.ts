import type { Socket } from 'socket.io';
import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth/signing.ts';
import { ERRORS, type ErrorCode } from '../../../shared/contracts/errors.ts';
import { socketAccess } from '../../../shared/contracts/realtime.ts';
import { countRefused } from '../metrics.ts';
import { takeTicket } from '../persistence/tickets.ts';
import type { RealtimeService } from '../realtime.ts';
import type { Access } from './connections.ts';
import type { Handshake, Handshakes } from './handshake.ts';
import { verdictOn } from './revoke.ts';

/** The `data` of an authenticated socket. */
export type Authenticated = { access: Access; after: number | null };

type HandshakeAuth = { ticket?: unknown; after?: unknown };
const FIELDS: ReadonlySet<string> = new Set(['ticket', 'after'] satisfies (keyof HandshakeAuth)[]);
const AUTH_MAX_LENGTH = 4 * 1_024;

const TICKET = /^tkt_[\w-]{43}$/;

const accessOf = async (
  { db, clock }: RealtimeService,
  { assertion: { envelope, params } }: Handshake,
  ticket: unknown,
): Promise<Access> => {
  if (envelope.caller) return { ...envelope.caller, ...socketAccess.parse(params) };
  if (ticket === undefined) throw new AppError('unauthenticated');
  const isTicket = typeof ticket === 'string' && TICKET.test(ticket);
  const holder = isTicket ? await takeTicket(db, ticket, clock.now()) : null;
  if (!holder) throw new AppError('ticket_invalid');
  // The access token with which the ticket was issued is valid for at most this time.
  return {
    ...holder,
    version: null,
    keyId: null,
    expiresAtMs: clock.nowMs() + ACCESS_TOKEN.lifetimeS * 1_000,
  };
};

const checkFields = (auth: HandshakeAuth): void => {
  if (JSON.stringify(auth).length > AUTH_MAX_LENGTH) throw new AppError('body_too_large');
  const unknown = Object.keys(auth).filter((name) => !FIELDS.has(name));
  if (unknown.length === 0) return;
  throw new AppError('invalid_params', {
    errors: unknown.map((path) => ({ path, message: 'is not a field of this request' })),
  });
};

const readAfter = (after: unknown): number | null => {
  if (after === undefined || after === null) return null;
  if (Number.isSafeInteger(after) && (after as number) >= 0) return after as number;
  throw new AppError('invalid_params', {
    errors: [{ path: 'after', message: 'must be the number of a message' }],
  });
};

const check = async (
  service: RealtimeService,
  handshake: Handshake | undefined,
  auth: HandshakeAuth,
): Promise<Authenticated> => {
  if (!handshake) throw new AppError('unauthenticated');
  if (handshake.isOverLimit) throw new AppError('too_many_connections');
  checkFields(auth);
  const after = readAfter(auth.after);
  const access = await accessOf(service, handshake, auth.ticket);
  const verdict = await verdictOn(service.state, access);
  if (verdict) throw new AppError(verdict);
  if (access.expiresAtMs <= service.clock.nowMs()) throw new AppError('token_expired');
  return { access, after };
};

/**
 * socket.io middleware: accepts a socket, or refuses it with a `connect_error` whose data holds the code
 * and, where a retry makes sense, `retryAfterS`, and the invalid fields as `errors`.
 */
export const authenticate =
  (service: RealtimeService, handshakes: Handshakes) =>
  (socket: Socket, next: (error?: Error) => void): void => {
    check(service, handshakes.of(socket.conn), socket.handshake.auth).then(
      (authenticated) => {
        socket.data = authenticated;
        next();
      },
      (error: unknown) => {
        const code: ErrorCode = isAppError(error) ? error.code : 'internal';
        const { retryAfterS, errors } = isAppError(error) ? error.data : {};
        if (code === 'internal') service.log.error({ err: error }, 'socket authentication failed');
        countRefused(code);
        next(Object.assign(new Error(ERRORS[code][1]), { data: { code, retryAfterS, errors } }));
      },
    );
  };
