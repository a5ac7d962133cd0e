import type { Period } from '../../../shared/contracts/analytics.ts';

const DAY_MS = 86_400_000;

/** A time's day in UTC, `2026-11-30`. */
export const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

/** The first and the last of so many days, up to today. */
export const periodUntil = (now: Date, days: Period): { fromDay: string; toDay: string } => ({
  fromDay: dayOf(new Date(now.getTime() - (Number(days) - 1) * DAY_MS)),
  toDay: dayOf(now),
});

/** All days of a period. */
export const daysIn = ({ fromDay, toDay }: { fromDay: string; toDay: string }): string[] => {
  const firstMs = Date.parse(fromDay);
  const count = Math.round((Date.parse(toDay) - firstMs) / DAY_MS) + 1;
  return Array.from({ length: count }, (_, index) => dayOf(new Date(firstMs + index * DAY_MS)));
};
