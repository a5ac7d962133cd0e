import * as z from 'zod/mini';
import { contract } from './contract.ts';
import { email, instant } from './fields.ts';
import { sessionId, userId } from './ids.ts';
import { role, userStatus } from './roles.ts';

export const PASSWORD_MIN_LENGTH = 12;

/**
 * What every access token is like, a JWT after RFC 9068. Its issuer is `AUTH_ISSUER` of the configuration,
 * without one the address of the platform (`PUBLIC_URL`, else `http://localhost:PORT`).
 */
export const ACCESS_TOKEN = {
  algorithm: 'EdDSA',
  type: 'at+jwt',
  audience: 'payloom',
  lifetimeS: 600,
} as const;
export const REFRESH_TOKEN_LIFETIME_S = 30 * 24 * 3600;

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

const password = z
  .string({ error: 'must be text' })
  .check(
    z.minLength(1, { error: 'must not be empty' }),
    z.maxLength(200, { error: 'must have at most 200 characters' }),
  );

export const personName = z
  .string({ error: 'must be text' })
  .check(
    z.trim(),
    z.minLength(1, { error: 'must not be empty' }),
    z.maxLength(100, { error: 'must have at most 100 characters' }),
    z.regex(/^\P{Cc}*$/u, { error: 'must not contain control characters' }),
  );

/** Claims of an access token beside `iss` and `aud`; its header names the key (`kid`), one of `auth.keys`. */
export const accessClaims = z.object({
  sub: userId,
  sid: sessionId,
  role,
  jti: z.string(),
  iat: z.int(),
  exp: z.int(),
});
export type AccessClaims = z.output<typeof accessClaims>;

export const user = z.object({
  id: userId,
  email: z.string(),
  name: z.string(),
  role,
  status: userStatus,
  createdAt: instant,
});
export type User = z.output<typeof user>;

const tokens = z.object({ accessToken: z.string(), refreshToken: z.string(), expiresInS: z.int() });
export type Tokens = z.output<typeof tokens>;

/** `tokens` never reach a browser's script: the gateway moves them into httpOnly cookies. */
const signedIn = z.object({ user, tokens });
const nothing = z.object({});

const signInLimit = { perAccountPerMinute: 10, perAddressPerMinute: 60 } as const;
const credentials = z.strictObject({ email, password });

/** Told to every process as soon as sessions end; only a hint, the fact `sessionEnded` follows. */
export const SESSIONS_ENDED_HINT = 'auth.sessions-ended';

export const auth = contract('auth', {
  actions: {
    register: {
      summary: 'Create an account and sign in',
      http: { line: 'POST /api/auth/register', status: 201, session: 'start' },
      permission: 'anyone',
      params: z.strictObject({
        email,
        password: newPassword,
        name: personName,
        role: z._default(z.enum(['CUSTOMER', 'VENDOR'], { error: 'must be CUSTOMER or VENDOR' }), 'CUSTOMER'),
      }),
      result: signedIn,
      errors: ['email_taken'],
      idempotent: 'no',
      limit: { perAddressPerMinute: 60 },
    },
    login: {
      summary: 'Sign in with cookies, for browsers',
      http: { line: 'POST /api/auth/login', session: 'start' },
      permission: 'anyone',
      params: credentials,
      result: signedIn,
      errors: ['wrong_credentials', 'account_suspended'],
      idempotent: 'no',
      limit: signInLimit,
    },
    tokens: {
      summary: 'Sign in for tokens, for API clients',
      http: { line: 'POST /api/auth/tokens' },
      permission: 'anyone',
      params: credentials,
      result: tokens,
      errors: ['wrong_credentials', 'account_suspended'],
      idempotent: 'no',
      limit: signInLimit,
    },
    refresh: {
      summary: 'Exchange the refresh cookie for a new pair of cookies',
      http: { line: 'POST /api/auth/refresh', session: 'refresh' },
      permission: 'anyone',
      params: z.strictObject({ refreshToken: z.optional(z.string().check(z.maxLength(200))) }),
      result: signedIn,
      errors: ['unauthenticated', 'session_ended', 'refresh_reused'],
      idempotent: 'no',
      limit: { perAddressPerMinute: 600 },
    },
    refreshTokens: {
      summary: 'Exchange a refresh token for a new pair of tokens, for API clients',
      http: { line: 'POST /api/auth/tokens/refresh' },
      permission: 'anyone',
      params: z.strictObject({ refreshToken: z.string().check(z.maxLength(200)) }),
      result: tokens,
      errors: ['session_ended', 'refresh_reused'],
      idempotent: 'no',
      limit: { perAddressPerMinute: 600 },
    },
    logout: {
      summary: 'Sign out: end this session',
      http: { line: 'POST /api/auth/logout', status: 204, session: 'end' },
      permission: 'signed-in',
      params: z.strictObject({}),
      result: nothing,
      errors: [],
      idempotent: 'yes',
    },
    me: {
      summary: 'The signed-in user',
      http: { line: 'GET /api/auth/me' },
      permission: 'signed-in',
      params: z.strictObject({}),
      result: user,
      errors: [],
      idempotent: 'read',
    },
    changePassword: {
      summary: 'Change the password; every other session of the user ends',
      http: { line: 'POST /api/auth/password', status: 204 },
      permission: 'signed-in',
      params: z.strictObject({ currentPassword: password, newPassword }),
      result: nothing,
      errors: ['wrong_password', 'password_unchanged'],
      idempotent: 'no',
      limit: { perAccountPerMinute: 10 },
    },
    keys: {
      summary: 'Public keys that access tokens are signed with (JWKS)',
      http: { line: 'GET /api/auth/jwks' },
      permission: 'anyone',
      params: z.strictObject({}),
      result: z.object({ keys: z.array(z.record(z.string(), z.string())) }),
      errors: [],
      idempotent: 'read',
    },
    endedSessions: {
      summary: 'Sessions that ended within one access-token lifetime',
      permission: 'rooms',
      params: z.strictObject({}),
      result: z.object({ sessionIds: z.array(sessionId) }),
      errors: [],
      idempotent: 'read',
    },
    findUser: {
      summary: 'One user by id or e-mail address, or null',
      permission: 'rooms',
      params: z.union([z.strictObject({ id: userId }), z.strictObject({ email })]),
      result: z.object({ user: z.nullable(z.extend(user, { version: z.int() })) }),
      errors: [],
      idempotent: 'read',
    },
    createUser: {
      summary: 'Create an account of any role without signing in; the only way to an ADMIN',
      permission: 'rooms',
      params: z.strictObject({ email, password: newPassword, name: personName, role }),
      result: user,
      errors: ['email_taken'],
      idempotent: 'no',
    },
  },
  facts: {
    userChanged: {
      summary:
        'A user was registered or changed; tells the user as it is now, `version` growing with each change',
      version: 1,
      payload: z.object({
        id: userId,
        email: z.string(),
        name: z.string(),
        role,
        status: userStatus,
        version: z.int(),
      }),
    },
    passwordChanged: {
      summary: 'A user changed the password',
      version: 1,
      payload: z.object({ userId, at: instant }),
    },
    sessionStarted: {
      summary: 'A user signed in',
      version: 1,
      payload: z.object({ sessionId, userId, at: instant }),
    },
    sessionEnded: {
      summary: 'A session ended: signed out, password changed or a refresh token used twice',
      version: 1,
      payload: z.object({
        sessionId,
        userId,
        reason: z.enum(['signed_out', 'password_changed', 'refresh_reused']),
        at: instant,
      }),
    },
  },
});
