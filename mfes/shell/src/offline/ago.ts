const UNITS = [
  ['day', 24 * 60 * 60_000],
  ['hour', 60 * 60_000],
  ['minute', 60_000],
] as const;

/** How long ago a time is: `just now`, `5 minutes ago`, `2 hours ago`, `3 days ago`. */
export const agoText = (atMs: number, nowMs: number): string => {
  const [unit, sizeMs] = UNITS.find(([, size]) => nowMs - atMs >= size) ?? [];
  if (unit === undefined) return 'just now';
  return new Intl.RelativeTimeFormat('en').format(-Math.floor((nowMs - atMs) / sizeMs), unit);
};
