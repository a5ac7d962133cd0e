import * as z from 'zod/mini';
import { reason } from './fields.ts';
import { instant } from '../fields.ts';
import { sessionId, userId } from '../ids.ts';
import { role } from '../roles.ts';

/**
 * The format of an access token, a JWT after RFC 9068. Its issuer is `AUTH_ISSUER`; the default is the
 * address of the platform (`PUBLIC_URL`, or else `http://localhost:PORT`).
 */
export const ACCESS_TOKEN = {
  algorithm: 'EdDSA',
  type: 'at+jwt',
  audience: 'payloom',
  lifetimeS: 600,
} as const;

/**
 * A token by which an upstream of the gateway, which is no service of ours, knows the caller. Its audience is
 * the upstream's origin and its type another one, so that the upstream cannot use it as an access token.
 */
export const UPSTREAM_TOKEN = { type: 'JWT', lifetimeS: 60 } as const;

/**
 * Claims of an access token beside `iss` and `aud`; its header names the key (`kid`), one of `auth.keys`.
 * `ver` is the version of the user's rights: a token with an older version counts as expired.
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

/** `next`: published and not yet signing · `signing` · `retiring`: verifies tokens that it signed before. */
export const signingKey = z.object({
  id: z.string(),
  state: z.enum(['next', 'signing', 'retiring']),
  createdAt: instant,
});

export const signingActions = {
  issueUpstreamToken: {
    summary: 'A token by which an upstream of the gateway knows the caller for a minute',
    permission: 'signed-in',
    params: z.strictObject({
      audience: z.string().check(z.regex(/^https?:\/\/[^/]+$/, { error: 'must be an http or https origin' })),
    }),
    result: z.object({ token: z.string() }),
    errors: [],
    idempotent: 'read',
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
    summary: 'Create a new signing key',
    http: { route: 'POST /api/auth/keys/rotate' },
    permission: ['ADMIN'],
    params: z.strictObject({
      reason,
      revoke: z._default(z.boolean({ error: 'must be true or false' }), false),
    }),
    result: signingKey,
    errors: ['card_number_refused'],
    idempotent: 'no',
  },
  revokeKeys: {
    summary: 'Create a new signing key and revoke all others, for an operator without an account',
    permission: 'services',
    params: z.strictObject({ reason }),
    result: signingKey,
    errors: ['card_number_refused'],
    idempotent: 'no',
  },
} as const;

export const signingEvents = {
  keysRevoked: {
    summary:
      'All signing keys were replaced by `keyId`, and tokens of the `keyIds` are void; `by` is null for ' +
      'an operator',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({
      keyIds: z.array(z.string()),
      keyId: z.string(),
      by: z.nullable(userId),
      reason: z.string(),
      at: instant,
    }),
  },
  keysRotated: {
    summary: 'Access tokens will soon be signed with a new key; `by` is null for a scheduled rotation',
    version: 1,
    subscribers: ['admin'],
    payload: z.object({
      keyId: z.string(),
      by: z.nullable(userId),
      reason: z.string(),
      at: instant,
    }),
  },
} as const;
