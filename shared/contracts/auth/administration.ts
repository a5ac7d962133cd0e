import * as z from 'zod/mini';
import { reason, user } from './fields.ts';
import { instant, wholeNumber } from '../fields.ts';
import { lockoutId, userId } from '../ids.ts';
import { role } from '../roles.ts';

export const lockout = z.object({
  id: lockoutId,
  kind: z.enum(['account', 'address']),
  /** The e-mail address or the network address that is locked. */
  subject: z.string(),
  failures: z.int(),
  lockedUntil: instant,
  lastFailureAt: instant,
});
export type Lockout = z.output<typeof lockout>;

/** `next`: published and not yet signing · `signing` · `retiring`: verifies tokens that it signed before. */
export const signingKey = z.object({
  id: z.string(),
  state: z.enum(['next', 'signing', 'retiring']),
  createdAt: instant,
});

/** What administrators decide about users, lockouts and signing keys; each with a reason. */
export const administrationActions = {
  suspend: {
    summary: 'Suspend a user: every session ends at once, and nobody signs in to the account',
    http: { route: 'POST /api/users/:id/suspend' },
    permission: ['ADMIN'],
    params: z.strictObject({ id: userId, reason }),
    result: user,
    errors: ['user_not_found', 'own_account', 'last_admin'],
    idempotent: 'yes',
  },
  restore: {
    summary: 'Let a suspended user in again',
    http: { route: 'POST /api/users/:id/restore' },
    permission: ['ADMIN'],
    params: z.strictObject({ id: userId, reason }),
    result: user,
    errors: ['user_not_found'],
    idempotent: 'yes',
  },
  setRole: {
    summary: 'Give a user another role; it holds from the next call on, without signing anybody out',
    http: { route: 'PUT /api/users/:id/role' },
    permission: ['ADMIN'],
    params: z.strictObject({ id: userId, role, reason }),
    result: user,
    errors: ['user_not_found', 'own_account', 'last_admin'],
    idempotent: 'yes',
  },
  lockouts: {
    summary: 'Accounts and addresses that are locked at present, those locked longest first',
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
    summary: 'Lift a lockout and forget its failures',
    http: { route: 'POST /api/lockouts/:id/lift', status: 204 },
    permission: ['ADMIN'],
    params: z.strictObject({ id: lockoutId, reason }),
    result: z.object({}),
    errors: ['lockout_not_found'],
    idempotent: 'yes',
  },
  signingKeys: {
    summary: 'The keys that access tokens are signed with, newest first',
    http: { route: 'GET /api/auth/keys' },
    permission: ['ADMIN'],
    params: z.strictObject({}),
    result: z.object({ items: z.array(signingKey) }),
    errors: [],
    idempotent: 'read',
  },
  rotateKeys: {
    summary: 'Make a new signing key; it signs once every process can know it, and nobody is signed out',
    http: { route: 'POST /api/auth/keys/rotate' },
    permission: ['ADMIN'],
    params: z.strictObject({ reason }),
    result: signingKey,
    errors: [],
    idempotent: 'no',
  },
} as const;
