import type { AnalyticsAction } from '../analytics.ts';
import { daysIn, periodUntil } from '../domain/period.ts';
import { DAY_KINDS, daysOf } from '../domain/report.ts';
import { sumOfDays } from '../persistence/daily-figures.ts';

export const experienceByDay: AnalyticsAction<'experienceByDay'> = async ({ db, clock }, { params }) => {
  const period = periodUntil(clock.now(), params.days);
  const rows = await sumOfDays(db, period, { kinds: DAY_KINDS, subject: params.page });
  return { items: daysOf(daysIn(period), rows) };
};
