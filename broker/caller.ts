import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SessionId, UserId } from '../shared/contracts/ids.ts';
import type { Role } from '../shared/contracts/roles.ts';
import { AppError } from './errors.ts';

/** Who stands behind a call: a signed-in user. */
export type Caller = { userId: UserId; role: Role; sessionId: SessionId };

/** What travels with a call between rooms, signed; `ctx.meta` as such is never believed. */
export type Envelope = {
  /** Full action name, so that an envelope for one action opens no other. */
  to: string;
  /** The room that calls. */
  from: string;
  caller: Caller | null;
  requestId: string;
  /** Milliseconds since the epoch after which the answer interests nobody. */
  deadlineAtMs: number;
  idempotencyKey: string | null;
  address: string | null;
  userAgent: string | null;
};

export type SealedEnvelope = { text: string; mac: string };

/** A room's key by the room's name; a room knows its own and those of the rooms that it calls. */
export type RoomKeys = (room: string) => Buffer;

const macOf = (text: string, key: Buffer): Buffer => createHmac('sha256', key).update(text).digest();

/** Signs an envelope under the key of the room that is called. */
export const seal = (envelope: Envelope, keys: RoomKeys): SealedEnvelope => {
  const text = JSON.stringify(envelope);
  const room = envelope.to.slice(0, envelope.to.lastIndexOf('.'));
  return { text, mac: macOf(text, keys(room)).toString('base64url') };
};

/** Opens an envelope that came with a call of `action`; throws `forbidden` when it is missing, forged or meant for another action. */
export const open = (sealed: unknown, action: string, key: Buffer): Envelope => {
  const { text, mac } = (sealed ?? {}) as Partial<SealedEnvelope>;
  if (typeof text !== 'string' || typeof mac !== 'string') throw new AppError('forbidden');
  const given = Buffer.from(mac, 'base64url');
  const right = macOf(text, key);
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new AppError('forbidden');
  const envelope = JSON.parse(text) as Envelope;
  if (envelope.to !== action) throw new AppError('forbidden');
  return envelope;
};
