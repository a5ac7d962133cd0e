import * as z from 'zod/mini';
import { displayName, instant, prose } from '../fields.ts';
import { userId } from '../ids.ts';
import { role, userStatus } from '../roles.ts';

const PASSWORD_MIN_LENGTH = 12;

export const newPassword = z
  .string({ error: 'must be text' })
  .check(
    z.minLength(PASSWORD_MIN_LENGTH, { error: `must have at least ${PASSWORD_MIN_LENGTH} characters` }),
    z.maxLength(200, { error: 'must have at most 200 characters' }),
    z.regex(/\p{Ll}/u, { error: 'must contain a lower-case letter' }),
    z.regex(/\p{Lu}/u, { error: 'must contain an upper-case letter' }),
    z.regex(/\d/, { error: 'must contain a digit' }),
    z.regex(/[^\p{L}\d]/u, { error: 'must contain a symbol' }),
  );

export const password = z
  .string({ error: 'must be text' })
  .check(
    z.minLength(1, { error: 'must not be empty' }),
    z.maxLength(200, { error: 'must have at most 200 characters' }),
  );

export const personName = displayName(100);

/** A user's own name for a device. */
export const deviceName = displayName(40);

/** Why an administrator made a decision, in a sentence; stored with the decision. */
export const reason = prose(500, 'must give the reason in a sentence').check(
  z.minLength(3, { error: 'must give the reason in a sentence' }),
);

/**
 * How administrators see an account. `invited`: the user has not set a password yet; other services count the
 * user as suspended. `closed`: anonymised for good.
 */
const USER_STATES = ['active', 'invited', 'suspended', 'closed'] as const;
export const userState = z.enum(USER_STATES);
export type UserState = z.output<typeof userState>;

/** What a decision has changed; no secrets. */
const changedValues = z.partial(
  z.object({
    email: z.string(),
    name: z.string(),
    role,
    state: userState,
    /** Whether no password is accepted until the user has set one with a one-time link. */
    needsLink: z.boolean(),
    /** How many sessions were live. */
    sessions: z.int(),
    /** Wrong passwords that counted. */
    failures: z.int(),
  }),
);
export type UserValues = z.output<typeof changedValues>;

/** The part of an event that records an administrator's decision, with what it changed. */
export const decision = {
  by: userId,
  reason: z.string(),
  at: instant,
  /** Null in events of older versions, and before the creation of a user. */
  before: z._default(z.nullable(changedValues), null),
  after: z._default(z.nullable(changedValues), null),
};

export const user = z.object({
  id: userId,
  email: z.string(),
  name: z.string(),
  role,
  status: userStatus,
  createdAt: instant,
});
export type User = z.output<typeof user>;

export const nothing = z.object({});
