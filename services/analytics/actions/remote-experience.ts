import type { AnalyticsAction } from '../analytics.ts';
import { periodUntil } from '../domain/period.ts';
import { REMOTE_KINDS, remotesOf } from '../domain/report.ts';
import { lastDaysOfVersions, sumOfPeriod } from '../persistence/daily-figures.ts';

export const remoteExperience: AnalyticsAction<'remoteExperience'> = async ({ db, clock }, { params }) => {
  const period = periodUntil(clock.now(), params.days);
  const [rows, lastDays] = await Promise.all([
    sumOfPeriod(db, period, { kinds: REMOTE_KINDS }),
    lastDaysOfVersions(db, period),
  ]);
  return { items: remotesOf(rows, lastDays) };
};
