import type { Socket } from 'socket.io';
import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import { ACCESS_TOKEN } from '../../../shared/contracts/auth/fields.ts';
import { ERRORS, type ErrorCode } from '../../../shared/contracts/errors.ts';
import { socketAccess } from '../../../shared/contracts/realtime.ts';
import { countRefused } from '../metrics.ts';
import { takeTicket } from '../persistence/tickets.ts';
import type { RealtimeService } from '../realtime.ts';
import type { Access } from './connections.ts';
import type { Guest, Guests } from './handshake.ts';
import { verdictOn } from './revoke.ts';

/** What an admitted socket is given on its way in. */
export type Admitted = { access: Access; after: number | null };

const TICKET = /^tkt_[\w-]{43}$/;

const accessOf = async ({ db, clock }: RealtimeService, guest: Guest, ticket: unknown): Promise<Access> => {
  const { envelope, params } = guest.openAssertion;
  if (envelope.caller) return { ...envelope.caller, ...socketAccess.parse(params) };
  if (ticket === undefined) throw new AppError('unauthenticated');
  const isTicket = typeof ticket === 'string' && TICKET.test(ticket);
  const holder = isTicket ? await takeTicket(db, ticket, clock.now()) : null;
  if (!holder) throw new AppError('ticket_invalid');
  // The access token that a ticket was issued for would have lived so long at most.
  return { ...holder, version: null, expiresAtMs: clock.nowMs() + ACCESS_TOKEN.lifetimeS * 1_000 };
};

const readAfter = (after: unknown): number | null => {
  if (after === undefined || after === null) return null;
  if (Number.isSafeInteger(after) && (after as number) >= 0) return after as number;
  throw new AppError('invalid_params', {
    errors: [{ path: 'after', message: 'must be a number of a message' }],
  });
};

const admitted = async (service: RealtimeService, guests: Guests, socket: Socket): Promise<Admitted> => {
  const guest = guests.of(socket.conn);
  if (!guest) throw new AppError('unauthenticated');
  if (guest.isTooMany) throw new AppError('too_many_connections');
  const said = socket.handshake.auth as { ticket?: unknown; after?: unknown };
  const after = readAfter(said.after);
  const access = await accessOf(service, guest, said.ticket);
  const verdict = await verdictOn(service, access);
  if (verdict) throw new AppError(verdict);
  if (access.expiresAtMs <= service.clock.nowMs()) throw new AppError('token_expired');
  return { access, after };
};

/** Lets a socket in or tells its client why not: a `connect_error` whose data holds the code. */
export const admission =
  (service: RealtimeService, guests: Guests) =>
  (socket: Socket, next: (error?: Error) => void): void => {
    admitted(service, guests, socket).then(
      (given) => {
        socket.data = given;
        next();
      },
      (error: unknown) => {
        const code: ErrorCode = isAppError(error) ? error.code : 'internal';
        if (code === 'internal') service.log.error({ err: error }, 'a socket could not be let in');
        countRefused(code);
        next(Object.assign(new Error(ERRORS[code][1]), { data: { code } }));
      },
    );
  };
