import { readerZone } from './reader-zone.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Further back a weekday could be taken for the same day of another week. */
const WEEKDAY_DAYS = 6;

/** How the reader reads a time. */
export type Reading = {
  /** The reader's, as a BCP 47 tag; the browser's own if undefined. */
  locale?: string | undefined;
  nowMs: number;
  /** IANA name; the reader's own if undefined. */
  timeZone?: string;
  /** Begins with a small letter where the language allows it: `Last used today, 14:05`. */
  inSentence?: boolean;
  /** Adds the seconds to the time of day. */
  seconds?: boolean;
  /** Always the date: `yesterday` on paper is another day for whom reads it later. */
  dated?: boolean;
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** A format, made once: that takes longer than formatting a hundred times. */
const formatOf = (locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  // The browser's own zone changes when its device travels.
  const key = JSON.stringify([locale, options, new Date().getTimezoneOffset()]);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known;
};

const dateLocales = new Map<string | undefined, string>();

const makeDateLocale = (reader?: string): string => {
  const { locale, hourCycle } = new Intl.DateTimeFormat(reader, { hour: 'numeric' }).resolvedOptions();
  const { region } = new Intl.Locale(locale).maximize();
  return new Intl.Locale('en', { region, hourCycle, calendar: 'gregory' }).toString();
};

/**
 * The locale of all dates and times: words in English, which the pages are written in, in the Gregorian
 * calendar; the order of day and month and the 12 or 24 hours of the reader's own.
 */
export const dateLocale = (reader?: string): string => {
  const known = dateLocales.get(reader) ?? makeDateLocale(reader);
  dateLocales.set(reader, known);
  return known;
};

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** The day of the reader's calendar, as a count of days. */
const dayNumberOf = (ms: number, timeZone?: string): number => {
  const format = formatOf('en-u-ca-gregory-nu-latn', {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    timeZone,
  });
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(Number(parts['year']), Number(parts['month']) - 1, Number(parts['day'])) / DAY_MS;
};

/** The word for a day close to today, such as `today` or `Monday`; null if a date says it better. */
const dayWord = (at: string, { nowMs, timeZone = readerZone() }: Reading): string | null => {
  const ms = Date.parse(at);
  const days = dayNumberOf(ms, timeZone) - dayNumberOf(nowMs, timeZone);
  if (Math.abs(days) <= 1) return relative.format(days, 'day');
  if (days > 0 || days < -WEEKDAY_DAYS) return null;
  return formatOf('en', { weekday: 'long', timeZone }).format(ms);
};

const begin = (word: string, { inSentence = false }: Reading): string =>
  inSentence ? word : word.charAt(0).toUpperCase() + word.slice(1);

/**
 * The day of a time in the reader's zone: `Today`, `Yesterday`, `Monday` within the last week,
 * otherwise the date, `12 Nov 2026`.
 * @param at UTC time in ISO 8601
 */
export const dayText = (at: string, reading: Reading): string => {
  const { locale, timeZone = readerZone() } = reading;
  const word = reading.dated ? null : dayWord(at, reading);
  if (word !== null) return begin(word, reading);
  return formatOf(dateLocale(locale), { dateStyle: 'medium', timeZone }).format(Date.parse(at));
};

const timeStyleOf = ({ seconds = false }: Reading) => (seconds ? 'medium' : 'short');

/** The time of day, `14:05`. */
export const clockText = (at: string, reading: Reading): string => {
  const { locale, timeZone = readerZone() } = reading;
  return formatOf(dateLocale(locale), { timeStyle: timeStyleOf(reading), timeZone }).format(Date.parse(at));
};

/** Day and time of day: `Today, 14:05`, `Monday, 14:05`, `12 Nov 2026, 14:05`. */
export const momentText = (at: string, reading: Reading): string =>
  `${dayText(at, reading)}, ${clockText(at, reading)}`;

/** Date, time to the second and zone in full, `Monday, 23 November 2026 at 14:05:09 GMT`. */
export const exactText = (at: string, { locale, timeZone = readerZone() }: Omit<Reading, 'nowMs'>): string =>
  formatOf(dateLocale(locale), { dateStyle: 'full', timeStyle: 'long', timeZone }).format(Date.parse(at));
