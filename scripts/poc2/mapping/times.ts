import type { MappingContext } from './table-mapping.ts';

/** A time of the source: ISO text with milliseconds and `Z`, and the same as a number. */
export type Time = { iso: string; ms: number };

/** A column `timestamp(3)` of the source, without zone, as PostgreSQL prints it: `to_char` takes longer. */
export const timeColumn = (column: string, name: string): string => `${column}::text as ${name}`;

/** Clocks of two servers may differ by this much: a time this near is not in the future. */
const CLOCKS_DIFFER_MS = 60_000;

const [DATE_DIGITS, SECOND_DIGITS, MILLISECOND_DIGITS] = [10, 19, 23] as const;

/** What PostgreSQL prints as a time in UTC, as ISO text; ISO text stays. Years have four digits. */
const isoOf = (text: string): string => {
  if (text[DATE_DIGITS] !== ' ') return text[DATE_DIGITS] === 'T' ? text : '';
  const plain = text.endsWith('+00') ? text.slice(0, -3) : text;
  const fraction = plain.slice(SECOND_DIGITS, MILLISECOND_DIGITS) || '.';
  const time = plain.slice(DATE_DIGITS + 1, SECOND_DIGITS);
  return `${plain.slice(0, DATE_DIGITS)}T${time}${fraction.padEnd(4, '0')}Z`;
};

/**
 * A time of the source. Parts of a millisecond are cut off.
 * @param text as PostgreSQL prints it in UTC, or ISO text with milliseconds and `Z`
 * @returns null for a time that is missing, infinite, or outside of what ids can hold
 */
export const timeOf = (text: string | null): Time | null => {
  if (text === null) return null;
  const iso = isoOf(text);
  const ms = Date.parse(iso);
  return ms >= 0 ? { iso, ms } : null;
};

export const timeAt = (ms: number): Time => ({ iso: new Date(ms).toISOString(), ms });

/** The later one. */
export const laterOf = (one: Time, other: Time | null): Time =>
  other !== null && other.ms > one.ms ? other : one;

export const isFuture = ({ ms }: Time, { latestMs }: Pick<MappingContext, 'latestMs'>): boolean =>
  ms > latestMs + CLOCKS_DIFFER_MS;
