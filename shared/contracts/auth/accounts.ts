import * as z from 'zod/mini';
import { newPassword, nothing, password, personName, user } from './fields.ts';
import { deviceToken, signedIn } from './sessions.ts';
import { email, instant, wholeNumber } from '../fields.ts';
import { userId } from '../ids.ts';
import { role, userStatus } from '../roles.ts';

/** A user as other services keep one. */
const userCopy = z.object({
  id: userId,
  email: z.string(),
  name: z.string(),
  role,
  status: userStatus,
  version: z.int(),
});

export const accountActions = {
  register: {
    summary: 'Create an account and sign in',
    http: { route: 'POST /api/auth/register', status: 201, location: '/api/auth/me', session: 'start' },
    permission: 'anyone',
    params: z.strictObject({
      email,
      password: newPassword,
      name: personName,
      role: z._default(z.enum(['CUSTOMER', 'VENDOR'], { error: 'must be CUSTOMER or VENDOR' }), 'CUSTOMER'),
      deviceToken: z.optional(deviceToken),
    }),
    result: signedIn,
    errors: ['sign_ups_stopped', 'email_taken', 'card_number_refused'],
    idempotent: 'no',
    limit: { perAddressPerMinute: 60 },
  },
  me: {
    summary: 'The signed-in user',
    http: { route: 'GET /api/auth/me', revalidated: true },
    permission: 'signed-in',
    params: z.strictObject({}),
    result: user,
    errors: [],
    idempotent: 'read',
  },
  changeName: {
    summary: 'Change your name, as others see it',
    http: { route: 'PATCH /api/auth/me' },
    permission: 'signed-in',
    params: z.strictObject({ name: personName }),
    result: user,
    errors: ['card_number_refused'],
    idempotent: 'yes',
    limit: { perAccountPerMinute: 10 },
  },
  changePassword: {
    summary: 'Change the password; every other session of the user ends',
    http: { route: 'POST /api/auth/password', status: 204 },
    permission: 'signed-in',
    params: z.strictObject({ currentPassword: password, newPassword }),
    result: nothing,
    errors: ['wrong_password', 'password_unchanged', 'sign_in_locked'],
    idempotent: 'no',
    limit: { perAccountPerMinute: 10 },
  },
  closeAccount: {
    summary: 'Close your account for good: you are anonymised, and all your sessions end; payments stay',
    http: { route: 'POST /api/auth/close', status: 204, session: 'end' },
    permission: 'signed-in',
    params: z.strictObject({ password }),
    result: nothing,
    errors: ['wrong_password', 'sign_in_locked', 'last_admin'],
    idempotent: 'no',
    limit: { perAccountPerMinute: 10 },
  },
  findUser: {
    summary: 'One user by id or e-mail address, or null',
    permission: 'services',
    params: z.union([z.strictObject({ id: userId }), z.strictObject({ email })]),
    result: z.object({ user: z.nullable(z.extend(user, { version: z.int() })) }),
    errors: [],
    idempotent: 'read',
  },
  userCopies: {
    summary:
      'Users by id, as the event userChanged has them: to compare and rebuild the copies of other services',
    permission: 'services',
    params: z.union([
      z.strictObject({
        after: z._default(z.string().check(z.maxLength(40)), ''),
        limit: wholeNumber(1, 1_000),
      }),
      z.strictObject({ ids: z.array(z.string().check(z.maxLength(40))).check(z.maxLength(1_000)) }),
    ]),
    result: z.object({ items: z.array(userCopy) }),
    errors: [],
    idempotent: 'read',
  },
  createUser: {
    summary: 'Create an account of any role without signing in; the only action that creates an ADMIN',
    permission: 'services',
    params: z.strictObject({ email, password: newPassword, name: personName, role }),
    result: user,
    errors: ['email_taken', 'card_number_refused'],
    idempotent: 'no',
  },
} as const;

export const accountEvents = {
  userChanged: {
    summary:
      'A user was registered or changed; holds the state after the change, `version` grows with each change',
    version: 1,
    subscribers: ['admin', 'payments', 'profile', 'realtime'],
    payload: userCopy,
  },
  accountClosed: {
    summary: 'A user closed the own account; name and e-mail address are anonymised',
    version: 1,
    subscribers: ['admin'],
    payload: z.object({ userId, at: instant }),
  },
  passwordChanged: {
    summary: 'A user changed the password',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ userId, at: instant }),
  },
} as const;
