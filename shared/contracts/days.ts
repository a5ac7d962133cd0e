const DAY_OR_INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/;

/**
 * Whether the text is a day (`2026-11-23`) or a UTC time (`2026-11-23T09:30Z`, also with seconds and their
 * fraction) that exists: `Date` takes 30 February as 2 March, and 24:00 as the next day.
 */
export const isDayOrInstant = (text: string): boolean =>
  DAY_OR_INSTANT.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text.slice(0, 'YYYY-MM-DDThh:mm'.length));
