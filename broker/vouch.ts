import type { Origin } from './call.ts';
import { open, seal } from './caller.ts';
import { AppError } from './errors.ts';
import type { Room } from './room.ts';

type Letter = { sealed: unknown; params: unknown };

/** A header has no room for more. */
const LETTER_MAX_LENGTH = 4_096;

const readLetter = (text: string): Letter => {
  try {
    if (text.length > LETTER_MAX_LENGTH) throw new Error('too long');
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Letter;
  } catch {
    throw new AppError('forbidden');
  }
};

/**
 * What a room says of a caller on a way that is not the bus (a socket that it passes on): the envelope of a
 * call as text, under the key of the room that is to read it.
 */
export const vouching = ({ keys, clock, room }: Origin): Pick<Room, 'vouch' | 'vouched'> => ({
  vouch: (to, { timeoutMs, deadlineAtMs, ...options }, params) => {
    const envelope = {
      to,
      from: room,
      caller: options.caller,
      requestId: options.requestId,
      deadlineAtMs: Math.min(clock.nowMs() + timeoutMs, deadlineAtMs ?? Number.MAX_SAFE_INTEGER),
      idempotencyKey: null,
      address: options.address ?? null,
      userAgent: options.userAgent ?? null,
    };
    const letter: Letter = { sealed: seal(envelope, keys, params), params };
    return Buffer.from(JSON.stringify(letter)).toString('base64url');
  },
  vouched: (to, text) => {
    const { sealed, params } = readLetter(text);
    const envelope = open(sealed, to, keys(to.slice(0, to.lastIndexOf('.'))), params);
    if (clock.nowMs() > envelope.deadlineAtMs) throw new AppError('timeout');
    return { envelope, params };
  },
});
