import * as z from 'zod/mini';
import { decision, nothing, reason } from './fields.ts';
import { instant, wholeNumber } from '../fields.ts';
import { lockoutId, userId } from '../ids.ts';

const lockedScope = {
  kind: z.enum(['account', 'address']),
  /** The locked e-mail address or network address. */
  subject: z.string(),
};

export const lockout = z.object({
  id: lockoutId,
  ...lockedScope,
  failures: z.int(),
  lockedUntil: instant,
  lastFailureAt: instant,
});

export const lockoutActions = {
  lockouts: {
    summary: 'Accounts and addresses that are locked now, the longest lockout first',
    http: { route: 'GET /api/lockouts' },
    permission: ['ADMIN'],
    params: z.strictObject({
      limit: z._default(wholeNumber(1, 100), 25),
      cursor: z.optional(z.string().check(z.maxLength(200))),
    }),
    result: z.object({ items: z.array(lockout), nextCursor: z.nullable(z.string()) }),
    errors: ['invalid_cursor'],
    idempotent: 'read',
  },
  liftLockout: {
    summary: 'Lift a lockout and reset its failure count',
    http: { route: 'POST /api/lockouts/:id/lift', status: 204 },
    permission: ['ADMIN'],
    params: z.strictObject({ id: lockoutId, reason }),
    result: nothing,
    errors: ['lockout_not_found', 'card_number_refused'],
    idempotent: 'yes',
  },
} as const;

export const lockoutEvents = {
  signInLocked: {
    summary: 'Too many failed attempts: sign-in to this account or from this address needs a known device',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({
      ...lockedScope,
      /** Null for an address, and for an e-mail address without an account. */
      userId: z.nullable(userId),
      /** The source of the last attempt. */
      address: z.nullable(z.string()),
      failures: z.int(),
      until: instant,
      at: instant,
    }),
  },
  lockoutLifted: {
    summary: 'An administrator lifted a lockout',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({
      ...lockedScope,
      /** Null for an address, for an e-mail address without an account, and in events of older versions. */
      userId: z._default(z.nullable(userId), null),
      ...decision,
    }),
  },
} as const;
