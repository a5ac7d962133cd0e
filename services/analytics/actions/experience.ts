import type { AnalyticsAction } from '../analytics.ts';
import { periodUntil } from '../domain/period.ts';
import { EXPERIENCE_KINDS, experienceOf } from '../domain/report.ts';
import { sumOfPeriod } from '../persistence/daily-figures.ts';

export const experience: AnalyticsAction<'experience'> = async ({ db, clock }, { params }) => {
  const period = periodUntil(clock.now(), params.days);
  return { ...period, ...experienceOf(await sumOfPeriod(db, period, { kinds: EXPERIENCE_KINDS })) };
};
