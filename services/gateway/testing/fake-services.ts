import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { AppError } from '../../../broker/calls/errors.ts';
import { newId } from '../../../broker/process/ids.ts';
import type { AnyServiceDefinition } from '../../../broker/process/service.ts';
import { fakeService } from '../../../broker/testing/fake-service.ts';
import { auth, type User } from '../../../shared/contracts/auth/auth.ts';
import { contract } from '../../../shared/contracts/contract.ts';
import { ERRORS, type ErrorCode } from '../../../shared/contracts/errors.ts';
import type { Role } from '../../../shared/contracts/roles.ts';

export const EMAIL = 'ada@example.com';
export const PASSWORD = 'right';

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** The contract of a service that returns what it received, so that tests see what the gateway sent. */
export const things = contract('things', {
  actions: {
    create: {
      summary: 'Create a thing',
      http: { route: 'POST /api/things', status: 201, location: '/api/things/:name' },
      permission: ['CUSTOMER', 'VENDOR'],
      params: z.strictObject({
        name: z.string({ error: 'must be text' }),
        tags: z.optional(z.record(z.string(), z.string())),
      }),
      result: z.object({ name: z.string(), key: z.nullable(z.string()), address: z.nullable(z.string()) }),
      errors: ['idempotency_key_missing'],
      idempotent: 'key',
    },
    get: {
      summary: 'Read a thing',
      http: { route: 'GET /api/things/:id' },
      permission: 'signed-in',
      params: z.strictObject({ id: z.string(), q: z.optional(z.string()) }),
      result: z.object({ id: z.string(), q: z.nullable(z.string()), userId: z.nullable(z.string()) }),
      errors: [],
      idempotent: 'read',
      limit: { costs: { q: 10 } },
    },
    rename: {
      summary: 'Rename a thing',
      http: { route: 'POST /api/things/:id/name' },
      permission: 'signed-in',
      params: z.strictObject({ id: z.string(), name: z.string() }),
      result: z.object({ id: z.string(), name: z.string() }),
      errors: [],
      idempotent: 'yes',
      limit: { perAccountPerMinute: 3 },
    },
    break: {
      summary: 'Break',
      http: { route: 'GET /api/broken' },
      permission: 'anyone',
      params: z.strictObject({}),
      result: z.object({}),
      errors: [],
      idempotent: 'read',
    },
    wait: {
      summary: 'Refuse with a time to wait',
      http: { route: 'GET /api/busy' },
      permission: 'anyone',
      params: z.strictObject({}),
      result: z.object({}),
      errors: ['unavailable'],
      idempotent: 'read',
    },
    fail: {
      summary: 'Fail with a code',
      http: { route: 'GET /api/fail/:code' },
      permission: 'anyone',
      params: z.strictObject({ code: z.enum(CODES) }),
      result: z.object({}),
      errors: CODES,
      idempotent: 'read',
    },
    measured: {
      summary: 'Take what pages measured',
      http: { route: 'POST /api/measured', status: 204, ownPagesOnly: true },
      permission: 'anyone',
      params: z.strictObject({}),
      result: z.object({}),
      errors: [],
      idempotent: 'no',
    },
    hook: {
      summary: 'Take a signed body',
      http: {
        route: 'POST /api/hook',
        body: 'raw',
        bodyMaxBytes: 300_000,
        headers: { signature: 'x-signature' },
      },
      permission: 'anyone',
      params: z.strictObject({ body: z.string(), signature: z._default(z.string(), '') }),
      result: z.object({ body: z.string(), signature: z.string() }),
      errors: [],
      idempotent: 'yes',
      limit: { perAddressPerMinute: 5 },
    },
  },
  events: {},
});

export type TokenOptions = Partial<{
  alg: string;
  kid: string;
  iss: string;
  aud: string;
  typ: string;
  iat: number;
  expiresInS: number;
  sub: unknown;
  sid: unknown;
  role: unknown;
  ver: unknown;
  key: CryptoKey | Uint8Array;
}>;

/** Signs access tokens as auth does, or with wrong claims, headers or keys. */
export const signer = async (issuer: string) => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'EdDSA', use: 'sig' };
  const sign = (options: TokenOptions = {}): Promise<string> => {
    const nowS = options.iat ?? Math.floor(Date.now() / 1_000);
    const {
      sub = newId('user', Date.now()),
      sid = newId('session', Date.now()),
      role = 'CUSTOMER',
      ver = 1,
    } = options;
    return new SignJWT({ sid, role, ver } as Record<string, unknown>)
      .setProtectedHeader({
        alg: options.alg ?? 'EdDSA',
        kid: options.kid ?? 'key-1',
        typ: options.typ ?? 'at+jwt',
      })
      .setSubject(sub as string)
      .setIssuer(options.iss ?? issuer)
      .setAudience(options.aud ?? 'payloom')
      .setJti(randomUUID())
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + (options.expiresInS ?? 600))
      .sign(options.key ?? privateKey);
  };
  return { jwk: jwk as unknown as Record<string, string>, sign, publicKey };
};
export type Signer = Awaited<ReturnType<typeof signer>>;

const person: User = {
  id: newId('user', 0),
  email: EMAIL,
  name: 'Ada',
  role: 'CUSTOMER',
  status: 'active',
  createdAt: '2026-01-01T00:00:00.000Z',
};

/** An auth service with one user and no database; `ended` are the sessions that `revocations` lists. */
export const fakeAuth = ({ jwk, sign }: Signer, ended: readonly string[] = []): AnyServiceDefinition => {
  const tokens = async (role: Role = 'CUSTOMER') => ({
    accessToken: await sign({ role }),
    refreshToken: 'refresh-2',
    expiresInS: 600,
  });
  /** The device token shows which one the action received. */
  const browserTokens = async (received: string | undefined) => ({
    ...(await tokens()),
    deviceToken: received ?? 'device-1',
  });
  const checkPassword = (email: string, password: string): void => {
    if (email !== EMAIL || password !== PASSWORD) throw new AppError('wrong_credentials');
  };
  return fakeService(auth, {
    login: async (_service, { params: { email, password, deviceToken } }) => {
      checkPassword(email, password);
      return { user: person, tokens: await browserTokens(deviceToken) };
    },
    tokens: async (_service, { params: { email, password } }) => {
      checkPassword(email, password);
      return tokens();
    },
    refresh: async (_service, { params: { refreshToken } }) => {
      if (refreshToken !== 'refresh-1') throw new AppError('session_ended');
      return { user: person, tokens: await tokens() };
    },
    refreshTokens: async () => {
      throw new AppError('unavailable');
    },
    logout: async () => ({}),
    me: async () => person,
    issueUpstreamToken: async (_service, { caller, params: { audience } }) => {
      const { userId: sub, sessionId: sid, role } = caller!;
      return { token: await sign({ sub, sid, role, aud: audience, typ: 'JWT', expiresInS: 60 }) };
    },
    keys: async () => ({ keys: [jwk] }),
    revocations: async () => ({ sessionIds: [...ended] as never, staleVersions: [], keyIds: [] }),
  });
};

export const thingsService = fakeService(things, {
  create: async (_service, call) => {
    if (call.params.name === 'again') call.replayed();
    return { name: call.params.name, key: call.idempotencyKey, address: call.address };
  },
  get: async (_service, { params, caller }) => ({
    id: params.id,
    q: params.q ?? null,
    userId: caller?.userId ?? null,
  }),
  rename: async (_service, { params }) => params,
  break: async () => {
    throw new Error('select secret from inside');
  },
  wait: async () => {
    throw new AppError('unavailable', { retryAfterS: 7 });
  },
  fail: async (_service, { params: { code } }) => {
    throw new AppError(code);
  },
  measured: async () => ({}),
  hook: async (_service, { params }) => params,
});
