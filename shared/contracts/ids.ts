import * as z from 'zod/mini';

/** Prefixes of ids, each followed by a UUIDv7 without dashes, so that ids sort by their time. */
export const ID_PREFIXES = {
  user: 'usr',
  session: 'ses',
  payment: 'pay',
  event: 'evt',
  posting: 'pst',
  lockout: 'lck',
  notification: 'ntf',
  approval: 'apr',
  deadLetterRun: 'dlr',
} as const;
export type IdKind = keyof typeof ID_PREFIXES;

export type Id<K extends IdKind> = `${(typeof ID_PREFIXES)[K]}_${string}` & z.core.$brand<K>;
export type UserId = Id<'user'>;
export type SessionId = Id<'session'>;
export type PaymentId = Id<'payment'>;
export type LockoutId = Id<'lockout'>;
export type NotificationId = Id<'notification'>;
export type EventId = Id<'event'>;

const idSchema = <K extends IdKind>(kind: K) =>
  z.string().check(
    z.regex(new RegExp(`^${ID_PREFIXES[kind]}_[0-9a-f]{32}$`), {
      error: `must be a ${kind} id, ${ID_PREFIXES[kind]}_ and 32 hex digits`,
    }),
  ) as unknown as z.ZodMiniType<Id<K>, string>;

export const userId = idSchema('user');
export const sessionId = idSchema('session');
export const paymentId = idSchema('payment');
export const lockoutId = idSchema('lockout');
export const approvalId = idSchema('approval');
export const deadLetterRunId = idSchema('deadLetterRun');
export const notificationId = idSchema('notification');
export const eventId = idSchema('event');
