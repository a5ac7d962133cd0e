import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { SessionId, UserId } from '../../shared/contracts/ids.ts';
import type { Role } from '../../shared/contracts/roles.ts';
import { AppError } from './errors.ts';

/** Who stands behind a call: a signed-in user. */
export type Caller = { userId: UserId; role: Role; sessionId: SessionId };

/** What travels with a call between services, signed; `ctx.meta` as such is never believed. */
export type Envelope = {
  /** Full action name, so that an envelope for one action opens no other. */
  to: string;
  /** The service that calls. */
  from: string;
  caller: Caller | null;
  requestId: string;
  /** Milliseconds since the epoch after which the answer interests nobody. */
  deadlineAtMs: number;
  idempotencyKey: string | null;
  address: string | null;
  userAgent: string | null;
};

/** What an envelope looks like once it has left the process. */
type SealedText = { text: string; mac: string };

/** A service's key by the service's name; a service knows its own and those of the services that it calls. */
export type ServiceKeys = (service: string) => KeyObject;

/** Envelopes that never left this process need no proof: nothing that came over the wire can be in here. */
const own = new WeakMap<object, Envelope>();

/** JSON text has no line breaks of its own, so one parts the two for certain. */
const macOf = (text: string, params: unknown, key: KeyObject): Buffer =>
  createHmac('sha256', key)
    .update(`${text}\n${JSON.stringify(params)}`)
    .digest();

/**
 * An envelope as it travels in a call's meta: recognized by itself within this process, and signed together
 * with the call's params, under the key of the service that is called, at the moment that a transporter
 * serializes it.
 */
export const seal = (envelope: Envelope, keys: ServiceKeys, params: unknown): object => {
  const sealed = {
    toJSON: (): SealedText => {
      const text = JSON.stringify(envelope);
      const service = envelope.to.slice(0, envelope.to.lastIndexOf('.'));
      return { text, mac: macOf(text, params, keys(service)).toString('base64url') };
    },
  };
  own.set(sealed, envelope);
  return sealed;
};

const openText = (sealed: unknown, key: KeyObject, params: unknown): Envelope => {
  const { text, mac } = (sealed ?? {}) as Partial<SealedText>;
  if (typeof text !== 'string' || typeof mac !== 'string') throw new AppError('forbidden');
  const given = Buffer.from(mac, 'base64url');
  const right = macOf(text, params, key);
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new AppError('forbidden');
  return JSON.parse(text) as Envelope;
};

/**
 * Opens an envelope that came with a call of `action`.
 * @throws AppError `forbidden` when it is missing, forged or meant for another action or other params
 */
export const open = (sealed: unknown, action: string, key: KeyObject, params: unknown): Envelope => {
  const isObject = typeof sealed === 'object' && sealed !== null;
  const envelope = (isObject && own.get(sealed)) || openText(sealed, key, params);
  if (envelope.to !== action) throw new AppError('forbidden');
  return envelope;
};
