/**
 * The duties that every contender shares with Payloom: verify tokens, validate, create payments. It imports
 * no code of Payloom; tables and statements are the same.
 */
import { createHash, hash, randomBytes } from 'node:crypto';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import type pg from 'pg';
import { holdsDigits, type CreateBody } from './contender-schemas.ts';
import { LOOK_UP, OPEN_PAYMENT, type Found } from './contender-sql.ts';

export type Settings = {
  port: number;
  databaseUrl: string;
  poolSize: number;
  issuer: string;
  jwks: JSONWebKeySet;
};
export type Caller = { userId: string; role: string; expiresAtMs: number };

export const BODY_LIMIT_BYTES = 100 * 1024;

/** The settings in the first argument. */
export const readSettings = (): Settings => JSON.parse(process.argv[2] ?? '') as Settings;

export class Refused extends Error {
  readonly statusCode: number;
  readonly code: string;
  constructor(statusCode: number, code: string) {
    super(code);
    this.statusCode = statusCode;
    this.code = code;
  }
}

/** Verifies a signature once and caches its claims under the token's SHA-256. */
export const tokenCheck = ({ issuer, jwks }: Settings) => {
  const keys = createLocalJWKSet(jwks);
  const verified = new Map<string, Caller>();

  const verify = async (token: string, digest: string): Promise<Caller> => {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['EdDSA'],
      issuer,
      audience: 'payloom',
      typ: 'at+jwt',
      requiredClaims: ['exp', 'sub', 'sid', 'role'],
    }).catch(() => {
      throw new Refused(401, 'unauthenticated');
    });
    const caller = {
      userId: payload.sub as string,
      role: payload['role'] as string,
      expiresAtMs: (payload.exp as number) * 1_000,
    };
    if (verified.size >= 10_000) verified.clear();
    verified.set(digest, caller);
    return caller;
  };

  return async (authorization: string | undefined): Promise<Caller> => {
    if (!authorization?.startsWith('Bearer ')) throw new Refused(401, 'unauthenticated');
    const token = authorization.slice(7);
    const digest = hash('sha256', token, 'base64');
    const known = verified.get(digest) ?? (await verify(token, digest));
    if (known.expiresAtMs <= Date.now()) throw new Refused(401, 'token_expired');
    return known;
  };
};

/** An id whose first 48 bits are its time (UUIDv7). */
const newId = (prefix: string, timeMs: number): string => {
  const bytes = randomBytes(10).toString('hex');
  return `${prefix}_${timeMs.toString(16).padStart(12, '0')}7${bytes.slice(0, 3)}8${bytes.slice(3, 18)}`;
};

const repeat = (used: { body_hash: string; response: string }, bodyHash: string): unknown => {
  if (used.body_hash !== bodyHash) throw new Refused(422, 'idempotency_key_reused');
  return JSON.parse(used.response);
};

/** Opens a payment for the caller, or repeats the response to the same key. */
export const createPayment = async (
  pool: pg.Pool,
  caller: Caller,
  key: unknown,
  body: CreateBody,
): Promise<unknown> => {
  if (caller.role !== 'CUSTOMER' && caller.role !== 'VENDOR') throw new Refused(403, 'forbidden');
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) throw new Refused(400, 'idempotency_key');
  if ([body.description ?? '', ...Object.values(body.metadata ?? {})].some(holdsDigits)) {
    throw new Refused(422, 'card_number_refused');
  }
  const bodyHash = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  const { rows } = await pool.query<Found>({
    name: 'look-up',
    text: LOOK_UP,
    values: [caller.userId, key, body.payee.id ?? null, body.payee.email?.trim().toLowerCase() ?? null],
  });
  const [{ payer, payee, body_hash: usedHash, response: usedResponse } = {} as Found] = rows;
  if (usedHash) return repeat({ body_hash: usedHash, response: usedResponse ?? '' }, bodyHash);
  if (!payer || payer.status !== 'active') throw new Refused(403, 'forbidden');
  if (!payee || payee.role !== 'VENDOR' || payee.status !== 'active') throw new Refused(422, 'payee_unknown');
  if (payee.id === payer.id) throw new Refused(422, 'pay_oneself');
  const at = new Date();
  const time = at.toISOString();
  const { amountMinor, currency, paymentMethod } = body;
  const payment = {
    id: newId('pay', at.getTime()),
    status: 'pending',
    amountMinor,
    currency,
    payer: { id: payer.id, name: payer.name, email: payer.email },
    payee: { id: payee.id, name: payee.name, email: payee.email },
    paymentMethod,
    description: body.description || null,
    metadata: body.metadata ?? {},
    failure: null,
    version: 1,
    createdAt: time,
    updatedAt: time,
  };
  const { id, description } = payment;
  const event = {
    id,
    payerId: payer.id,
    payeeId: payee.id,
    amountMinor,
    currency,
    status: 'pending',
    version: 1,
    at: time,
  };
  const opened = await pool.query<{ opened: number }>({
    name: 'open-payment',
    text: OPEN_PAYMENT,
    values: [
      id,
      payer.id,
      payee.id,
      amountMinor,
      currency,
      paymentMethod,
      description,
      JSON.stringify(payment.metadata),
      at,
      at,
      key,
      bodyHash,
      JSON.stringify(payment),
      ['opened', 'opened'],
      ['processor_clearing', 'payee_pending'],
      [null, payee.id],
      [amountMinor, -amountMinor],
      newId('evt', at.getTime()),
      'payments.created',
      1,
      JSON.stringify(event),
      at,
    ],
  });
  if (opened.rows[0]?.opened === 1) return payment;
  const used = await pool.query<{ body_hash: string; response: string }>(
    'select body_hash, response from idempotency_keys where caller_id = $1 and key = $2',
    [caller.userId, key],
  );
  if (!used.rows[0]) throw new Refused(409, 'idempotency_in_progress');
  return repeat(used.rows[0], bodyHash);
};
