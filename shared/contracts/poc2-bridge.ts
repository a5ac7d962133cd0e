import * as z from 'zod/mini';
import { contract } from './contract.ts';
import { instant } from './fields.ts';

const text = z.string().check(z.minLength(1), z.maxLength(500));
/** Decimal, as POC-2 has it, without a currency: to be shown, never to be booked. */
const amount = z.union([z.number(), z.string()]);

const shortText = z.string().check(z.minLength(1), z.maxLength(200));

/** What each message of POC-2 has, whatever its type. */
export const poc2Message = z.looseObject({
  // It becomes a key of the bridge's database, and the id of a request.
  id: z.string().check(z.regex(/^[\x21-\x7e]{1,200}$/, { error: 'is not an id' })),
  type: shortText,
  timestamp: z
    .union([z.string(), z.number()])
    .check(z.refine((value) => Number.isFinite(new Date(value).getTime()), { error: 'is not a time' })),
  source: shortText,
  data: z.record(z.string(), z.unknown()),
  correlationId: z.nullish(shortText),
});

const user = z.looseObject({ userId: text, email: text, role: text });
const ofUser = z.looseObject({ userId: z.optional(text) });

/** What POC-2 said, with `data` as it came; `entity` is what it is about, and `sequence` grows. */
const said = <D extends z.ZodMiniType>(data: D) =>
  z.object({
    /** The id of POC-2's message. */
    poc2Id: z.string(),
    /** Grows in the order in which POC-2 published: the version for subscribers that want the latest. */
    sequence: z.int(),
    /** The old id of the payment or user, or the key of the setting. */
    entity: z.nullable(z.string()),
    source: z.string(),
    at: instant,
    correlationId: z.nullable(z.string()),
    data,
  });

const event = <D extends z.ZodMiniType>(what: string, data: D) => ({
  summary: `POC-2 said: ${what}. Nothing is booked or changed by it`,
  version: 1,
  payload: said(data),
});

/**
 * Events of POC-2 on our bus, and no others: they lack what the events of our services need (versions,
 * currency, payee), and a service alone publishes its events. Ids in them are those of POC-2.
 */
export const poc2Bridge = contract('poc2-bridge', {
  actions: {},
  events: {
    userRegistered: event('a user registered', user),
    userLoggedIn: event('a user signed in', user),
    userLoggedOut: event('a user signed out', ofUser),
    passwordChanged: event('a user changed the password', ofUser),
    tokenRefreshed: event('a session was continued', ofUser),
    paymentCreated: event(
      'a payment was created',
      z.looseObject({ paymentId: text, userId: text, amount, type: text }),
    ),
    paymentUpdated: event('a payment has another status', z.looseObject({ paymentId: text, status: text })),
    paymentCompleted: event('a payment was completed', z.looseObject({ paymentId: text })),
    paymentFailed: event('a payment failed', z.looseObject({ paymentId: text, reason: z.string() })),
    userCreated: event('an administrator created a user', ofUser),
    userUpdated: event('an administrator changed a user', ofUser),
    userDeleted: event('an administrator deleted a user', ofUser),
    configUpdated: event('a setting was changed', z.looseObject({ key: z.optional(text) })),
    auditCreated: event('an entry of the audit log was made', z.looseObject({})),
    refused: {
      summary: 'A message of POC-2 that is unknown or malformed; it becomes a dead letter of the bridge',
      version: 1,
      subscribers: ['poc2-bridge'],
      payload: z.object({
        channel: z.string(),
        cause: z.string(),
        /** The message's bytes: as text where they are UTF-8, otherwise as base64. */
        text: z.optional(z.string()),
        base64: z.optional(z.string()),
        at: instant,
      }),
    },
  },
});
