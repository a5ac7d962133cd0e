import * as z from 'zod/mini';
import { deviceName, nothing, password, user } from './fields.ts';
import { earlier } from '../contract.ts';
import { email, instant, wholeNumber } from '../fields.ts';
import { sessionId, userId } from '../ids.ts';

/** Those of POC-2, of which accounts that came from it may have one, are longer than ours. */
export const REFRESH_TOKEN_MAX_LENGTH = 1_000;
const presentedToken = z.string().check(z.maxLength(REFRESH_TOKEN_MAX_LENGTH));

export const tokens = z.object({ accessToken: z.string(), refreshToken: z.string(), expiresInS: z.int() });
export type Tokens = z.output<typeof tokens>;

/**
 * Proves that this browser or program has signed in before. The gateway keeps a browser's in a cookie of its
 * own; an API client keeps its own.
 */
export const deviceToken = z.string().check(z.maxLength(200));

/** `tokens` never reach a browser's script: the gateway moves them into httpOnly cookies. */
export const signedIn = z.object({
  user,
  tokens: z.extend(tokens, { deviceToken: z.optional(z.string()) }),
});

export const deviceKind = z.enum(['desktop', 'phone', 'tablet', 'program']);
export type DeviceKind = z.output<typeof deviceKind>;

/** How a session was started. */
export const SIGN_IN_METHODS = ['password', 'registration'] as const;
export const signInMethod = z.enum(SIGN_IN_METHODS);
export type SignInMethod = z.output<typeof signInMethod>;

export const SESSION_END_REASONS = [
  'signed_out',
  'revoked',
  'password_changed',
  'refresh_reused',
  'suspended',
] as const;
const sessionEndReason = z.enum(SESSION_END_REASONS);
export type SessionEndReason = z.output<typeof sessionEndReason>;

export const session = z.object({
  id: sessionId,
  /** Whether it is the session of the caller. */
  current: z.boolean(),
  /** The user's own name for the device; null for none. */
  name: z._default(z.nullable(z.string()), null),
  /** For people, for example `Firefox on Linux`. */
  device: z.string(),
  kind: deviceKind,
  /** The address of the last use, as the edge saw it. */
  address: z.nullable(z.string()),
  method: signInMethod,
  createdAt: instant,
  /** Accurate to one access-token lifetime. */
  lastSeenAt: instant,
  expiresAt: instant,
});
export type Session = z.output<typeof session>;

/**
 * Revoked sessions, users whose access tokens below `version` carry an old role, and revoked signing keys, of
 * which no access token is accepted.
 */
const revocations = z.object({
  sessionIds: z.array(sessionId),
  staleVersions: z.array(z.object({ userId, version: z.int() })),
  keyIds: z._default(z.array(z.string()), []),
});
export type RevocationList = z.output<typeof revocations>;

/** auth itself counts failures per account, so that known devices stay able to sign in. */
const signInLimit = { perAddressPerMinute: 60 } as const;
const credentials = z.strictObject({ email, password });

export const sessionActions = {
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
    params: z.extend(credentials, { deviceToken: z.optional(deviceToken) }),
    result: z.extend(tokens, { deviceToken: z.optional(z.string()) }),
    errors: ['wrong_credentials', 'account_suspended', 'sign_in_locked'],
    idempotent: 'no',
    limit: signInLimit,
  },
  refresh: {
    summary: 'Exchange the refresh cookie for a new pair of cookies',
    http: { route: 'POST /api/auth/refresh', session: 'refresh' },
    permission: 'anyone',
    params: z.strictObject({ refreshToken: z.optional(presentedToken) }),
    result: signedIn,
    errors: ['unauthenticated', 'session_ended', 'refresh_reused'],
    idempotent: 'no',
    limit: { perAddressPerMinute: 600 },
  },
  refreshTokens: {
    summary: 'Exchange a refresh token for a new pair of tokens, for API clients',
    http: { route: 'POST /api/auth/tokens/refresh' },
    permission: 'anyone',
    params: z.strictObject({ refreshToken: presentedToken }),
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
  sessions: {
    summary: 'Where you are signed in, most recently used first',
    http: { route: 'GET /api/auth/sessions' },
    permission: 'signed-in',
    params: z.strictObject({
      limit: z._default(wholeNumber(1, 100), 25),
      cursor: z.optional(z.string().check(z.maxLength(200))),
    }),
    result: z.object({ items: z.array(session), nextCursor: z.nullable(z.string()) }),
    errors: ['invalid_cursor'],
    idempotent: 'read',
  },
  sessionsOf: {
    summary: 'All sessions of a user, last started first, also those that are over',
    permission: 'services',
    params: z.strictObject({ userId, cursor: z.optional(z.string().check(z.maxLength(200))) }),
    result: z.object({
      items: z.array(z.extend(z.omit(session, { current: true }), { endedAt: z.nullable(instant) })),
      nextCursor: z.nullable(z.string()),
    }),
    errors: ['invalid_cursor'],
    idempotent: 'read',
  },
  nameSession: {
    summary: 'Name the device of one of your sessions, or take its name away with null',
    http: { route: 'PATCH /api/auth/sessions/:id', status: 204 },
    permission: 'signed-in',
    params: z.strictObject({ id: sessionId, name: z.nullable(deviceName) }),
    result: nothing,
    errors: ['card_number_refused', 'session_not_found'],
    idempotent: 'yes',
  },
  endSession: {
    summary: 'Sign out one of your devices; the current session is allowed too',
    http: { route: 'DELETE /api/auth/sessions/:id', status: 204 },
    permission: 'signed-in',
    params: z.strictObject({ id: sessionId }),
    result: nothing,
    errors: ['session_not_found'],
    idempotent: 'yes',
  },
  endOtherSessions: {
    summary: 'Sign out every device but this one',
    http: { route: 'POST /api/auth/sessions/revoke-others' },
    permission: 'signed-in',
    params: z.strictObject({}),
    result: z.object({ ended: z.int() }),
    errors: [],
    idempotent: 'yes',
  },
  revocations: {
    summary: 'Revocations of the last access-token lifetime',
    permission: 'services',
    params: z.strictObject({}),
    result: revocations,
    errors: [],
    idempotent: 'read',
  },
} as const;

export const sessionEvents = {
  sessionStarted: {
    summary: 'A user signed in',
    version: 2,
    subscribers: ['admin', 'realtime'],
    payload: z.object({
      sessionId,
      userId,
      device: z.string(),
      kind: deviceKind,
      address: z.nullable(z.string()),
      method: signInMethod,
      /** The browser had signed in to this account before. */
      knownDevice: z.boolean(),
      at: instant,
    }),
    earlier: {
      1: earlier(z.object({ sessionId, userId, at: instant }), (old) => ({
        ...old,
        device: 'Unknown device',
        kind: 'program',
        address: null,
        method: 'password',
        knownDevice: true,
      })),
    },
  },
  sessionNamed: {
    summary: 'A user named the device of a session, or took its name away',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ sessionId, userId, at: instant }),
  },
  sessionEnded: {
    summary: 'A session ended, and why',
    version: 2,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ sessionId, userId, reason: sessionEndReason, at: instant }),
    earlier: {
      1: earlier(
        z.object({
          sessionId,
          userId,
          reason: z.enum(['signed_out', 'password_changed', 'refresh_reused']),
          at: instant,
        }),
        (old) => old,
      ),
    },
  },
} as const;

export const sessionSignals = {
  revoked: {
    summary: 'Access was revoked a moment ago; the events follow',
    payload: z.extend(revocations, {
      /** A process of the version before does not send it. */
      at: z.optional(instant),
    }),
  },
} as const;
