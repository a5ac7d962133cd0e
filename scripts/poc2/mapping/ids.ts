import { hash } from 'node:crypto';
import { ID_PREFIXES, type Id, type IdKind } from '../../../shared/contracts/ids.ts';
import type { SourceTable, TargetDatabase, TargetRow } from './table-mapping.ts';

const TIME_DIGITS = 12;

/**
 * The new id of something: UUIDv7 (RFC 9562) with the time of its creation, and bits of the SHA-256 of table
 * and old id in the place of the random ones. It sorts by time, and is the same each time.
 * @param source.part differs between ids that are made of one row
 */
export const idOf = <K extends IdKind>(
  kind: K,
  source: { table: SourceTable; id: string; part?: string },
  createdMs: number,
): Id<K> => {
  const part = source.part === undefined ? '' : `:${source.part}`;
  const bits = hash('sha256', `${source.table}:${source.id}${part}`, 'hex');
  const variant = '89ab'[Number.parseInt(bits.charAt(0), 16) & 3] ?? '8';
  const time = createdMs.toString(16).padStart(TIME_DIGITS, '0');
  return `${ID_PREFIXES[kind]}_${time}7${bits.slice(1, 4)}${variant}${bits.slice(4, 19)}` as Id<K>;
};

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
