const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

const since = (ms: number, unitMs: number, unit: string): string => {
  const count = Math.floor(ms / unitMs);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
};

/**
 * How long ago a time was, in words, or null when a date says it better. A time ahead of our own clock is
 * now: two clocks differ, and nothing has happened in the future.
 */
export const ago = (at: string, nowMs: number): string | null => {
  const ms = nowMs - Date.parse(at);
  if (ms < MINUTE_MS) return 'just now';
  if (ms < HOUR_MS) return since(ms, MINUTE_MS, 'minute');
  if (ms < DAY_MS) return since(ms, HOUR_MS, 'hour');
  return ms < WEEK_MS ? since(ms, DAY_MS, 'day') : null;
};
