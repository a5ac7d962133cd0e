import * as z from 'zod/mini';
import { email, instant, printable } from '../fields.ts';
import { sessionId, userId } from '../ids.ts';
import { role, userStatus } from '../roles.ts';

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

export const password = z
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

/** Why an administrator did something, in a sentence that is kept with it. */
export const reason = z
  .string({ error: 'must say why, in a sentence' })
  .check(
    z.trim(),
    z.minLength(3, { error: 'must say why, in a sentence' }),
    z.maxLength(500, { error: 'must have at most 500 characters' }),
    printable,
  );

/**
 * Claims of an access token beside `iss` and `aud`; its header names the key (`kid`), one of `auth.keys`.
 * `ver` is the version of the user's rights: a token of an older one than is known is as good as expired.
 */
export const accessClaims = z.object({
  sub: userId,
  sid: sessionId,
  role,
  ver: z._default(z.int(), 1),
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

export const tokens = z.object({ accessToken: z.string(), refreshToken: z.string(), expiresInS: z.int() });
export type Tokens = z.output<typeof tokens>;

/** Says that this browser has signed in before; the gateway keeps it in a cookie of its own. */
export const deviceToken = z.string().check(z.maxLength(200));

/** `tokens` never reach a browser's script: the gateway moves them into httpOnly cookies. */
export const signedIn = z.object({
  user,
  tokens: z.extend(tokens, { deviceToken: z.optional(z.string()) }),
});
export const credentials = z.strictObject({ email, password });
export const nothing = z.object({});

export const DEVICE_KINDS = ['desktop', 'phone', 'tablet', 'program'] as const;
export const deviceKind = z.enum(DEVICE_KINDS);
export type DeviceKind = z.output<typeof deviceKind>;

/** How a session was opened. */
export const SIGN_IN_METHODS = ['password', 'registration'] as const;
export const signInMethod = z.enum(SIGN_IN_METHODS);
export type SignInMethod = z.output<typeof signInMethod>;

/** A place where somebody is signed in. */
export const session = z.object({
  id: sessionId,
  /** The session that asks. */
  current: z.boolean(),
  /** For people, for example `Firefox on Linux`. */
  device: z.string(),
  kind: deviceKind,
  /** The address that it was last used from, as the edge saw it. */
  address: z.nullable(z.string()),
  method: signInMethod,
  createdAt: instant,
  /** Within one access-token lifetime. */
  lastSeenAt: instant,
  expiresAt: instant,
});
export type Session = z.output<typeof session>;

export const SESSION_END_REASONS = [
  'signed_out',
  'revoked',
  'password_changed',
  'refresh_reused',
  'suspended',
] as const;
export const sessionEndReason = z.enum(SESSION_END_REASONS);
export type SessionEndReason = z.output<typeof sessionEndReason>;

/** Sessions that nobody may use any more, and users whose older tokens no longer say what they may do. */
export const revocations = z.object({
  sessionIds: z.array(sessionId),
  staleVersions: z.array(z.object({ userId, version: z.int() })),
});
export type RevocationList = z.output<typeof revocations>;

/** Told to every process at once when something is revoked; only a signal, events follow. */
export const REVOKED_SIGNAL = 'auth.revoked';
