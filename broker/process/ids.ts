import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import { ID_PREFIXES, type Id, type IdKind } from '../../shared/contracts/ids.ts';

const RANDOM_BYTES = 16;

// A system call for randomness costs more than the rest of an id; 256 ids share one.
const pool = new Uint8Array(256 * RANDOM_BYTES);
let used = pool.length;

const randomBytes = (): Uint8Array => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += RANDOM_BYTES;
  return pool.subarray(used - RANDOM_BYTES, used);
};

/** A new id, UUIDv7 (RFC 9562) behind the kind's prefix: ids of one kind sort by the time they were made. */
export const newId = <K extends IdKind>(kind: K, timeMs: number): Id<K> =>
  `${ID_PREFIXES[kind]}_${v7({ msecs: timeMs, random: randomBytes() }).replaceAll('-', '')}` as Id<K>;

/** The smallest possible id of that time: a UUIDv7 starts with its milliseconds. */
export const firstIdAt = (kind: IdKind, timeMs: number): string =>
  `${ID_PREFIXES[kind]}_${timeMs.toString(16).padStart(12, '0')}${'0'.repeat(20)}`;
