import { readerZone } from './reader-zone.ts';

const partsOf = (ms: number, timeZone: string): Record<string, number> => {
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn-hc-h23', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
};

/** A time of a calendar as if it were in UTC; also for the years 0 to 99, unlike `Date.UTC`. */
const utcOf = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number => {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, 0);
};

/** How far the clocks of a zone are ahead of UTC at a time. */
const offsetAt = (ms: number, timeZone: string): number => {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = partsOf(ms, timeZone);
  return utcOf(year, month, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
};

/**
 * The start of a day, some days later, in the reader's zone: its midnight, or the first time after it where
 * clocks are put forward at midnight.
 * @param day `2026-11-23`
 * @returns milliseconds since the epoch
 */
export const startOfDay = (day: string, daysLater = 0, timeZone = readerZone()): number => {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  if (timeZone === undefined) {
    const midnight = new Date(0);
    midnight.setHours(0, 0, 0, 0);
    // Not the constructor, which takes the years 0 to 99 as 1900 to 1999.
    return midnight.setFullYear(year, month - 1, date + daysLater);
  }
  const wanted = utcOf(year, month, date + daysLater);
  const first = wanted - offsetAt(wanted, timeZone);
  const second = wanted - offsetAt(first, timeZone);
  // Clocks that are put forward at midnight have no midnight: the two guesses lie before and after it.
  return wanted - offsetAt(second, timeZone) === second ? second : Math.max(first, second);
};

/** The day of a time in the reader's zone, `2026-11-23`. */
export const dayAt = (ms: number, timeZone = readerZone()): string => {
  const date = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  if (timeZone === undefined)
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const { year = 0, month = 1, day = 1 } = partsOf(ms, timeZone);
  return `${year}-${two(month)}-${two(day)}`;
};
