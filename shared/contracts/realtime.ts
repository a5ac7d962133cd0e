import * as z from 'zod/mini';
import { settingKey } from './admin/settings.ts';
import { contract } from './contract.ts';
import { currency, instant, wholeNumber } from './fields.ts';
import { approvalId, eventId, notificationId, paymentId, sessionId, userId } from './ids.ts';
import { paymentStatus } from './payments.ts';
import { preferences } from './profile.ts';
import { role } from './roles.ts';

/** The path of sockets, at the gateway and at the realtime service. */
export const SOCKET_PATH = '/ws';

/**
 * The header with the gateway's signed assertion of a socket's caller; the gateway removes a client's own.
 */
export const SOCKET_CALLER_HEADER = 'x-payloom-caller';

/** The name for which the assertion is signed, as a call's envelope is signed for an action. */
export const SOCKET_CALL = 'realtime.connect';

/** The assertion's content beside the caller. */
export const socketAccess = z.object({
  /** When the access token expires and the socket is closed, in milliseconds since the epoch. */
  expiresAtMs: z.number(),
  /** The version of the caller's rights. */
  version: z.int(),
  /** The key that signed the access token; null where it is not known. */
  keyId: z._default(z.nullable(z.string()), null),
});
export type SocketAccess = z.output<typeof socketAccess>;

/** How long messages are kept for clients that reconnect. */
export const MESSAGES_KEPT_MS = 25 * 3_600_000;
/** A client that has missed more messages has to read everything again. */
export const MISSED_MAX = 1_000;

/**
 * The names under which the server sends on a socket: `welcome` once, then each `message` in the order of
 * `seq`, each `notice` of what is new to those who look just now, and `close` before
 * it closes the socket. A client sends nothing after the handshake, in whose `auth`
 * it gives the number of its last message, `{ after: seq }`, and as an API client its `{ ticket }`.
 */
export const SOCKET_MESSAGES = {
  welcome: 'welcome',
  message: 'message',
  notice: 'notice',
  close: 'close',
} as const;

export type { CloseReason, SocketClose, SocketMessage, SocketNotice, Welcome } from './socket-packets.ts';

const money = { paymentId, amountMinor: z.int(), currency, name: z.string() };

/** A notification's type and parameters; pages have the texts. `name` is the other party's. */
export const notificationContent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('payment_received'), ...money }),
  z.object({ type: z.literal('payment_completed'), ...money }),
  z.object({ type: z.literal('payment_failed'), ...money }),
  z.object({ type: z.literal('signed_in'), sessionId, device: z.string(), address: z.nullable(z.string()) }),
  z.object({ type: z.literal('session_reused'), sessionId }),
  z.object({ type: z.literal('password_changed') }),
  z.object({ type: z.literal('sign_in_locked'), address: z.nullable(z.string()), until: instant }),
  z.object({ type: z.literal('role_changed'), role }),
  z.object({ type: z.literal('approval_requested'), approvalId, name: z.string() }),
  z.object({ type: z.literal('setting_change_voided'), approvalId, key: settingKey }),
]);
export type NotificationContent = z.output<typeof notificationContent>;

export const notification = z.object({
  id: notificationId,
  content: notificationContent,
  read: z.boolean(),
  createdAt: instant,
});
export type Notification = z.output<typeof notification>;

export const unreadCount = z.object({ unread: z.int() });

export const realtime = contract('realtime', {
  actions: {
    issueTicket: {
      summary: 'Issue a ticket that opens one socket within 30 seconds, for API clients',
      http: { route: 'POST /api/realtime/tickets', status: 201 },
      permission: 'signed-in',
      params: z.strictObject({}),
      result: z.object({ ticket: z.string(), expiresInS: z.int() }),
      errors: [],
      idempotent: 'no',
      limit: { perAccountPerMinute: 60 },
    },
    notifications: {
      summary: 'Your notifications, newest first, and the number of unread ones',
      http: { route: 'GET /api/notifications', revalidated: true },
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
    notificationsOf: {
      summary: 'All notifications of a user, newest first',
      permission: 'services',
      params: z.strictObject({ userId, cursor: z.optional(z.string().check(z.maxLength(200))) }),
      result: z.object({ items: z.array(notification), nextCursor: z.nullable(z.string()) }),
      errors: ['invalid_cursor'],
      idempotent: 'read',
    },
    readNotification: {
      summary: 'Mark a notification as read',
      http: { route: 'POST /api/notifications/:id/read' },
      permission: 'signed-in',
      params: z.strictObject({ id: notificationId }),
      result: unreadCount,
      errors: ['notification_not_found'],
      idempotent: 'yes',
    },
    readAllNotifications: {
      summary: 'Mark all your notifications as read, or those from `from` up to `upTo`, both included',
      http: { route: 'POST /api/notifications/read-all' },
      permission: 'signed-in',
      params: z.strictObject({ from: z.optional(notificationId), upTo: z.optional(notificationId) }),
      result: unreadCount,
      errors: [],
      idempotent: 'yes',
    },
  },
  events: {},
  messages: {
    paymentChanged: {
      summary: 'A payment was created or changed; to payer and payee',
      payload: z.object({ id: paymentId, status: paymentStatus, version: z.int() }),
    },
    notificationsChanged: {
      summary: 'A notification was added, or notifications were read on another device',
      payload: z.object({ unread: z.int(), added: z.nullable(notification) }),
    },
    preferencesChanged: {
      summary: 'The current preferences; to the user',
      payload: preferences,
    },
    profileChanged: {
      summary: 'Personal data or the avatar of the user changed, or an export is ready; to the user',
      payload: z.object({ at: instant }),
    },
    sessionsChanged: {
      summary: 'A session started, ended or got another name; to the user',
      payload: z.object({ sessionId }),
    },
    userChanged: {
      summary: 'A user was registered or changed; to the user and to administrators',
      payload: z.object({ id: userId, version: z.int() }),
    },
    userAdministered: {
      summary: 'An administrator ended sessions of a user or renewed the invitation; to administrators',
      payload: z.object({ id: userId }),
    },
    approvalsChanged: {
      summary: 'A request for an approval was made or decided; to administrators',
      payload: z.object({ id: approvalId }),
    },
    auditEntriesAdded: {
      summary: 'Entries were added to the audit log; a notice, to administrators',
      notice: true,
      payload: z.object({ newest: eventId }),
    },
    lockoutsChanged: {
      summary: 'A lockout started or was lifted; to administrators',
      payload: z.object({ subject: z.string() }),
    },
    settingsChanged: {
      summary: 'A setting was changed, or may have been; a notice, to every user: read publicSettings again',
      notice: true,
      payload: z.object({ at: instant }),
    },
    userSessionsChanged: {
      summary: 'A session of a user started, ended or got another name; a notice, to administrators',
      notice: true,
      payload: z.object({ id: userId }),
    },
    systemChanged: {
      summary: 'A process, a queue or a dead letter has come or gone; a notice, to administrators',
      notice: true,
      payload: z.object({ at: instant }),
    },
  },
});
