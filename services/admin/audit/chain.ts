import { createHash } from 'node:crypto';
import type { EntryRow } from '../persistence/entries.ts';

const HASH_BYTES = 32;
const POSITION_BYTES = 8;

/** The hash before the first position. */
export const GENESIS = Buffer.alloc(HASH_BYTES);

/**
 * SHA-256 over every column of an entry, as a JSON array in the order of the columns. Later columns follow
 * only where they have a value, so that the hashes of entries from before they existed stay the same.
 */
export const entryHashOf = (row: EntryRow): Buffer => {
  const columns = [
    ...[row.id, row.at.toISOString(), row.action],
    ...[row.actor_id, row.actor_role, row.actor_name, row.actor_email],
    ...[row.person_id, row.person_name, row.person_email],
    ...[row.target_type, row.target_id, row.people],
    ...[row.address, row.device, row.session_id, row.request_id],
    ...[row.reason, row.before, row.after],
    ...(row.trace_id === null ? [] : [row.trace_id]),
  ];
  return createHash('sha256').update(JSON.stringify(columns)).digest();
};

/** SHA-256 over the hash before it, the position (64 bits, big endian) and the entry's hash. */
export const linkHashOf = (previous: Buffer, position: number, entryHash: Buffer): Buffer => {
  const place = Buffer.alloc(POSITION_BYTES);
  place.writeBigUInt64BE(BigInt(position));
  return createHash('sha256').update(previous).update(place).update(entryHash).digest();
};
