import type { MappingContext } from './table-mapping.ts';

/** A time of the source: ISO text with milliseconds and `Z`, and the same as a number. */
export type Time = { iso: string; ms: number };

/** A column `timestamp(3)` without zone, which means UTC, as ISO text; null where it is infinite. */
export const isoText = (column: string): string => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export const timeColumn = (column: string, name: string): string => `${isoText(column)} as ${name}`;

/** Clocks of two servers may differ by this much: a time this near is not in the future. */
const CLOCKS_DIFFER_MS = 60_000;

/** Null for a time that is missing, infinite, or outside of what ids can hold. */
export const timeOf = (iso: string | null): Time | null => {
  const ms = iso === null ? Number.NaN : Date.parse(iso);
  return iso !== null && ms >= 0 ? { iso, ms } : null;
};

export const timeAt = (ms: number): Time => ({ iso: new Date(ms).toISOString(), ms });

/** The later one. */
export const laterOf = (one: Time, other: Time | null): Time =>
  other !== null && other.ms > one.ms ? other : one;

export const isFuture = ({ ms }: Time, { latestMs }: Pick<MappingContext, 'latestMs'>): boolean =>
  ms > latestMs + CLOCKS_DIFFER_MS;
