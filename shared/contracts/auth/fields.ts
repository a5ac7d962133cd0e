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

/** The part of an event that records an administrator's decision. */
export const decision = { by: userId, reason: z.string(), at: instant };

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
