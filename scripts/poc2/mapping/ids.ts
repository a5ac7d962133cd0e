import { hash } from 'node:crypto';
import { ID_PREFIXES, type Id, type IdKind } from '../../../shared/contracts/ids.ts';
import type { SourceTable, TargetDatabase, TargetRow } from './table-mapping.ts';

const TIME_DIGITS = 12;

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** An id is made a moment before or after the time that its row gets. */
const SAME_MOMENT_MS = 1_000;

/** The digits of an id that was made here and went back to POC-2; null for one of its own. */
const ownDigits = (id: string, createdMs: number): string | null => {
  if (!UUID_V7.test(id)) return null;
  const digits = id.replaceAll('-', '');
  const madeMs = Number.parseInt(digits.slice(0, TIME_DIGITS), 16);
  return Math.abs(madeMs - createdMs) <= SAME_MOMENT_MS ? digits : null;
};

/**
 * The new id of something: UUIDv7 (RFC 9562) with the time of its creation, and bits of the SHA-256 of table
 * and old id in the place of the random ones. It sorts by time, and is the same each time. A UUIDv7 of that
 * time is its own new id: what went back from here (back-out) and comes again is the same thing.
 * @param source.part differs between ids that are made of one row
 */
export const idOf = <K extends IdKind>(
  kind: K,
  source: { table: SourceTable; id: string; part?: string },
  createdMs: number,
): Id<K> => {
  const own = source.part === undefined ? ownDigits(source.id, createdMs) : null;
  if (own !== null) return `${ID_PREFIXES[kind]}_${own}` as Id<K>;
  const part = source.part === undefined ? '' : `:${source.part}`;
  const bits = hash('sha256', `${source.table}:${source.id}${part}`, 'hex');
  const variant = '89ab'[Number.parseInt(bits.charAt(0), 16) & 3] ?? '8';
  const time = createdMs.toString(16).padStart(TIME_DIGITS, '0');
  return `${ID_PREFIXES[kind]}_${time}7${bits.slice(1, 4)}${variant}${bits.slice(4, 19)}` as Id<K>;
};

/** The old id of something that was made here: the UUIDv7 in its id. */
export const uuidIn = (id: string): string =>
  id.slice(id.indexOf('_') + 1).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The table in which a database keeps the old ids of what it has, and its columns. */
export const OLD_IDS = {
  table: 'poc2_ids',
  columns: 'old_id text primary key, new_id text not null',
} as const;

export const oldIdRow = (database: TargetDatabase, oldId: string, newId: string): TargetRow => ({
  database,
  table: OLD_IDS.table,
  values: { old_id: oldId, new_id: newId },
});
