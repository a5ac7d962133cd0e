import * as z from 'zod/mini';
import { instant } from './fields.ts';
import { userId } from './ids.ts';

/** The first packet on a socket. */
export const welcome = z.object({
  userId,
  /** The newest message's number. The next message is the one after `after`, or without it after this one. */
  seq: z.int(),
  /** Whether messages since `after` are no longer stored, so that the client has to read everything again. */
  reread: z.boolean(),
});
export type Welcome = z.output<typeof welcome>;

/**
 * `expired`: the access token has expired; refresh it and reconnect · `revoked`: the session has ended ·
 * `access_changed`: the user's rights have changed; refresh the token and reconnect · `replaced`: the user
 * has too many sockets and this was the oldest · `restart`: the process stops; reconnect. A socket whose
 * client does not read is closed without `close`.
 */
const closeReason = z.enum(['expired', 'revoked', 'access_changed', 'replaced', 'restart']);
export type CloseReason = z.output<typeof closeReason>;

export const socketClose = z.object({ reason: closeReason });
export type SocketClose = z.output<typeof socketClose>;

/** A message that is not kept: the next one has the same to say, so a lost one is not made up for. */
export const socketNotice = z.object({ name: z.string(), payload: z.unknown() });
export type SocketNotice = z.output<typeof socketNotice>;

/**
 * One message on the socket. `seq` increases by one with each message to a user; `at` is in UTC. A request
 * that follows from the message sends its `traceparent` (W3C Trace Context).
 */
export const socketMessage = z.object({
  seq: z.int(),
  at: instant,
  name: z.string(),
  payload: z.unknown(),
  traceparent: z.optional(z.string()),
});
export type SocketMessage = z.output<typeof socketMessage>;
