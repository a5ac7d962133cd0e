import type { Random } from '../../seed/random.ts';

const hex = (random: Random, digits: number): string =>
  Math.floor(random() * 16 ** digits)
    .toString(16)
    .padStart(digits, '0');

/** Hexadecimal digits that look like a secret and are none. */
export const hexText = (random: Random, digits: number): string => {
  let text = '';
  while (text.length < digits) text += hex(random, 8);
  return text.slice(0, digits);
};

/** A UUID of version 4, the same for the same seed. */
export const uuidOf = (random: Random): string =>
  [hex(random, 8), hex(random, 4), `4${hex(random, 3)}`, `a${hex(random, 3)}`, hexText(random, 12)].join('-');

/** A time as PostgreSQL reads it into `timestamp(3)`. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace('Z', '');

/** A prime, so that it meets every other rhythm of the rows. */
const EVERY_MAX = 397;

/**
 * Which irregularity row `number` of `count` gets: each of them in turn, at least once, on a small part of
 * the rows; null for the others.
 */
export const irregularOf = <T>(kinds: readonly T[], number: number, count: number): T | null => {
  const every = Math.max(1, Math.min(EVERY_MAX, Math.floor(count / (2 * kinds.length))));
  if (number % every !== every - 1) return null;
  return kinds[Math.floor(number / every) % kinds.length] ?? null;
};
