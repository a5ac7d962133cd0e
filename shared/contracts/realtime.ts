import * as z from 'zod/mini';
import { contract } from './contract.ts';
import { currency, instant, wholeNumber } from './fields.ts';
import { notificationId, paymentId, sessionId, userId } from './ids.ts';
import { paymentStatus } from './payments.ts';
import { preferences } from './profile.ts';
import { role } from './roles.ts';

/** Where sockets are opened, at the gateway and in the service behind it. */
export const SOCKET_PATH = '/ws';

/**
 * The header in which the gateway tells the service who opens a socket; signed, and taken from nobody else.
 */
export const SOCKET_CALLER_HEADER = 'x-payloom-caller';

/** What that header is signed for, as an envelope is for an action. */
export const SOCKET_CALL = 'realtime.connect';

/** What the header says beside the caller. */
export const socketAccess = z.object({
  /** Milliseconds since the epoch: the socket is closed when the access token expires. */
  expiresAtMs: z.number(),
  /** The version of the caller's rights. */
  version: z.int(),
});
export type SocketAccess = z.output<typeof socketAccess>;

/** How long what a user was told is kept for those who come back. */
export const MESSAGES_KEPT_MS = 25 * 3_600_000;
/** Who has missed more is told to read everything again. */
export const MISSED_MAX = 1_000;

/**
 * The events of a socket. The server sends `welcome` once, then `message` in the order of `seq`, and
 * `close` before it closes. A client sends nothing; where it stopped it says in the handshake's `auth`:
 * `{ after: seq }`, and an API client its `{ ticket }`.
 */
export const SOCKET_MESSAGES = { welcome: 'welcome', message: 'message', close: 'close' } as const;

export const welcome = z.object({
  userId,
  /** The newest number that there is; what follows is greater than `after`, or without it than this. */
  seq: z.int(),
  /** What happened since `after` is not all kept any more: read everything again. */
  reread: z.boolean(),
});
export type Welcome = z.output<typeof welcome>;

/**
 * `expired`: come back with a fresh access token · `revoked`: the session has ended · `access_changed`: the
 * user's
 * rights have changed, refresh and come back · `replaced`: too many sockets, the oldest goes · `restart`:
 * come back, another process takes over. Who does not read is told nothing.
 */
export const CLOSE_REASONS = ['expired', 'revoked', 'access_changed', 'replaced', 'restart'] as const;
export type SocketClose = { reason: (typeof CLOSE_REASONS)[number] };

const money = { paymentId, amountMinor: z.int(), currency, name: z.string() };

/** What a notification tells; pages make a sentence of it. `name` is the other party's. */
export const notificationContent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('payment_received'), ...money }),
  z.object({ type: z.literal('payment_completed'), ...money }),
  z.object({ type: z.literal('payment_failed'), ...money }),
  z.object({ type: z.literal('signed_in'), sessionId, device: z.string(), address: z.nullable(z.string()) }),
  z.object({ type: z.literal('session_reused'), sessionId }),
  z.object({ type: z.literal('password_changed') }),
  z.object({ type: z.literal('sign_in_locked'), address: z.nullable(z.string()), until: instant }),
  z.object({ type: z.literal('role_changed'), role }),
]);
export type NotificationContent = z.output<typeof notificationContent>;

export const notification = z.object({
  id: notificationId,
  content: notificationContent,
  read: z.boolean(),
  createdAt: instant,
});
export type Notification = z.output<typeof notification>;

export const realtime = contract('realtime', {
  actions: {
    issueTicket: {
      summary: 'A ticket that opens one socket within half a minute, for API clients',
      http: { route: 'POST /api/realtime/tickets', status: 201 },
      permission: 'signed-in',
      params: z.strictObject({}),
      result: z.object({ ticket: z.string(), expiresInS: z.int() }),
      errors: [],
      idempotent: 'no',
      limit: { perAccountPerMinute: 60 },
    },
    notifications: {
      summary: 'What you were notified of, newest first, and how much of it is unread',
      http: { route: 'GET /api/notifications' },
      permission: 'signed-in',
      params: z.strictObject({
        limit: z._default(wholeNumber(1, 100), 20),
        cursor: z.optional(z.string().check(z.maxLength(200))),
      }),
      result: z.object({
        items: z.array(notification),
        nextCursor: z.nullable(z.string()),
        unread: z.int(),
      }),
      errors: ['invalid_cursor'],
      idempotent: 'read',
    },
    readNotification: {
      summary: 'Mark a notification as read',
      http: { route: 'POST /api/notifications/:id/read' },
      permission: 'signed-in',
      params: z.strictObject({ id: notificationId }),
      result: z.object({ unread: z.int() }),
      errors: ['notification_not_found'],
      idempotent: 'yes',
    },
    readAllNotifications: {
      summary: 'Mark as read what you were notified of, up to and with `upTo` where it is given',
      http: { route: 'POST /api/notifications/read-all' },
      permission: 'signed-in',
      params: z.strictObject({ upTo: z.optional(notificationId) }),
      result: z.object({ unread: z.int() }),
      errors: [],
      idempotent: 'yes',
    },
  },
  events: {},
  messages: {
    paymentChanged: {
      summary: 'A payment of yours was made or changed; to payer and payee',
      payload: z.object({ id: paymentId, status: paymentStatus, version: z.int() }),
    },
    notificationsChanged: {
      summary: 'Something is to be noticed, or was read on another device',
      payload: z.object({ unread: z.int(), added: z.nullable(notification) }),
    },
    preferencesChanged: {
      summary: 'Your preferences, as they are now',
      payload: preferences,
    },
    sessionsChanged: {
      summary: 'You were signed in or out somewhere',
      payload: z.object({ sessionId }),
    },
    userChanged: {
      summary: 'A user was registered or changed; to that user and to administrators',
      payload: z.object({ id: userId, version: z.int() }),
    },
    lockoutsChanged: {
      summary: 'A lockout began or was lifted; to administrators',
      payload: z.object({ subject: z.string() }),
    },
  },
});

/** The messages of the contract by full name. */
export type MessageName = (typeof realtime.messages)[keyof typeof realtime.messages]['name'];

/** One message on the socket: `seq` grows by one with each message of a user. */
export type SocketMessage = { seq: number; at: string; name: string; payload: unknown };
