import * as z from 'zod/mini';
import { administrationActions } from './administration.ts';
import { authEvents } from './events.ts';
import {
  credentials,
  deviceToken,
  newPassword,
  nothing,
  password,
  personName,
  signedIn,
  tokens,
  user,
} from './fields.ts';
import { sessionActions } from './sessions.ts';
import { contract } from '../contract.ts';
import { email } from '../fields.ts';
import { userId } from '../ids.ts';
import { role } from '../roles.ts';

export type { Session, User } from './fields.ts';

/** Per account auth itself counts failures, in a way that locks nobody out of a browser they have used. */
const signInLimit = { perAddressPerMinute: 60 } as const;

export const auth = contract('auth', {
  actions: {
    register: {
      summary: 'Create an account and sign in',
      http: { route: 'POST /api/auth/register', status: 201, session: 'start' },
      permission: 'anyone',
      params: z.strictObject({
        email,
        password: newPassword,
        name: personName,
        role: z._default(z.enum(['CUSTOMER', 'VENDOR'], { error: 'must be CUSTOMER or VENDOR' }), 'CUSTOMER'),
        deviceToken: z.optional(deviceToken),
      }),
      result: signedIn,
      errors: ['email_taken'],
      idempotent: 'no',
      limit: { perAddressPerMinute: 60 },
    },
    login: {
      summary: 'Sign in with cookies, for browsers',
      http: { route: 'POST /api/auth/login', session: 'start' },
      permission: 'anyone',
      params: z.extend(credentials, { deviceToken: z.optional(deviceToken) }),
      result: signedIn,
      errors: ['wrong_credentials', 'account_suspended', 'sign_in_locked'],
      idempotent: 'no',
      limit: signInLimit,
    },
    tokens: {
      summary: 'Sign in for tokens, for API clients',
      http: { route: 'POST /api/auth/tokens' },
      permission: 'anyone',
      params: credentials,
      result: tokens,
      errors: ['wrong_credentials', 'account_suspended', 'sign_in_locked'],
      idempotent: 'no',
      limit: signInLimit,
    },
    refresh: {
      summary: 'Exchange the refresh cookie for a new pair of cookies',
      http: { route: 'POST /api/auth/refresh', session: 'refresh' },
      permission: 'anyone',
      params: z.strictObject({ refreshToken: z.optional(z.string().check(z.maxLength(200))) }),
      result: signedIn,
      errors: ['unauthenticated', 'session_ended', 'refresh_reused'],
      idempotent: 'no',
      limit: { perAddressPerMinute: 600 },
    },
    refreshTokens: {
      summary: 'Exchange a refresh token for a new pair of tokens, for API clients',
      http: { route: 'POST /api/auth/tokens/refresh' },
      permission: 'anyone',
      params: z.strictObject({ refreshToken: z.string().check(z.maxLength(200)) }),
      result: tokens,
      errors: ['session_ended', 'refresh_reused'],
      idempotent: 'no',
      limit: { perAddressPerMinute: 600 },
    },
    logout: {
      summary: 'Sign out: end this session',
      http: { route: 'POST /api/auth/logout', status: 204, session: 'end' },
      permission: 'signed-in',
      params: z.strictObject({}),
      result: nothing,
      errors: [],
      idempotent: 'yes',
    },
    me: {
      summary: 'The signed-in user',
      http: { route: 'GET /api/auth/me' },
      permission: 'signed-in',
      params: z.strictObject({}),
      result: user,
      errors: [],
      idempotent: 'read',
    },
    changePassword: {
      summary: 'Change the password; every other session of the user ends',
      http: { route: 'POST /api/auth/password', status: 204 },
      permission: 'signed-in',
      params: z.strictObject({ currentPassword: password, newPassword }),
      result: nothing,
      errors: ['wrong_password', 'password_unchanged'],
      idempotent: 'no',
      limit: { perAccountPerMinute: 10 },
    },
    keys: {
      summary: 'Public keys that access tokens are signed with (JWKS)',
      http: { route: 'GET /api/auth/jwks' },
      permission: 'anyone',
      params: z.strictObject({}),
      result: z.object({ keys: z.array(z.record(z.string(), z.string())) }),
      errors: [],
      idempotent: 'read',
    },
    time: {
      summary: 'What time it is, for services without a database of their own',
      permission: 'services',
      params: z.strictObject({}),
      result: z.object({ nowMs: z.number() }),
      errors: [],
      idempotent: 'read',
      timeless: true,
    },
    findUser: {
      summary: 'One user by id or e-mail address, or null',
      permission: 'services',
      params: z.union([z.strictObject({ id: userId }), z.strictObject({ email })]),
      result: z.object({ user: z.nullable(z.extend(user, { version: z.int() })) }),
      errors: [],
      idempotent: 'read',
    },
    ...sessionActions,
    ...administrationActions,
    createUser: {
      summary: 'Create an account of any role without signing in; the only way to an ADMIN',
      permission: 'services',
      params: z.strictObject({ email, password: newPassword, name: personName, role }),
      result: user,
      errors: ['email_taken'],
      idempotent: 'no',
    },
  },
  events: authEvents,
});
