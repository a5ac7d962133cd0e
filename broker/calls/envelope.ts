import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { SessionId, UserId } from '../../shared/contracts/ids.ts';
import type { Role } from '../../shared/contracts/roles.ts';
import { AppError } from './errors.ts';

/** The signed-in user on whose behalf a call is made. */
export type Caller = { userId: UserId; role: Role; sessionId: SessionId };

/** What accompanies a call between services, signed. Nothing else in `ctx.meta` is trusted. */
export type Envelope = {
  /** Full action name: an envelope for one action is not valid for another. */
  to: string;
  /** The service that calls. */
  from: string;
  caller: Caller | null;
  requestId: string;
  /** Milliseconds since the epoch after which the caller no longer waits. */
  deadlineAtMs: number;
  idempotencyKey: string | null;
  address: string | null;
  userAgent: string | null;
  /** The caller's place in its trace (W3C Trace Context); absent outside of a trace. */
  traceparent?: string | null | undefined;
};

/** An envelope as it is serialized. */
type SealedText = { text: string; mac: string };

/** Returns a service's key by its name. A service has its own key and those of the services that it calls. */
export type ServiceKeys = (service: string) => KeyObject;

/** Envelopes created in this process need no signature: objects from the wire cannot be in this map. */
const own = new WeakMap<object, Envelope>();

/** JSON text contains no raw line break, so a line break separates the two unambiguously. */
const macOf = (text: string, params: unknown, key: KeyObject): Buffer =>
  createHmac('sha256', key)
    .update(`${text}\n${JSON.stringify(params)}`)
    .digest();

/**
 * Wraps an envelope for a call's meta. In this process it is recognized by identity; when a transporter
 * serializes it, it is signed together with the params, under the called service's key.
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
 * Verifies the envelope of a call of `action`.
 * @throws AppError `forbidden` when it is missing, forged or made for another action or other params
 */
export const open = (sealed: unknown, action: string, key: KeyObject, params: unknown): Envelope => {
  const isObject = typeof sealed === 'object' && sealed !== null;
  const envelope = (isObject && own.get(sealed)) || openText(sealed, key, params);
  if (envelope.to !== action) throw new AppError('forbidden');
  return envelope;
};
