import type { Queryable } from '../../../broker/postgres/database.ts';
import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { FigureKind } from '../../../shared/contracts/analytics.ts';
import type { DailyFigure } from '../domain/collect.ts';

/**
 * Adds figures to those of their days. All processes write their rows in the same order, so that two of them
 * never wait for each other.
 */
export const addFigures = async (db: Queryable, rows: readonly DailyFigure[]): Promise<void> => {
  await db.query(
    `insert into daily_figures as f (day, kind, subject, detail, scheme, total, buckets)
     select day, kind, subject, detail, scheme, total, buckets
     from jsonb_to_recordset($1::jsonb) as r(day date, kind text, subject text, detail text, scheme text,
       total double precision, buckets bigint[])
     order by day, kind, subject, detail, scheme
     on conflict (day, kind, subject, detail, scheme) do update set
       total = f.total + excluded.total,
       buckets = (select array_agg(a + b order by i)
         from unnest(f.buckets, excluded.buckets) with ordinality as u(a, b, i))`,
    [JSON.stringify(rows)],
  );
};

export type Period = { fromDay: string; toDay: string };
export type Filter = { kinds: readonly FigureKind[]; subject?: string | undefined };
type Sums = Omit<DailyFigure, 'day'>;

/** From `buckets` of several rows, by the position of each. */
const SUM_BY = (columns: string) => `
  with chosen as (
    select to_char(day, 'YYYY-MM-DD') as day, kind, subject, detail, scheme, total, buckets
    from daily_figures
    where day between $1 and $2 and kind = any($3) and ($4::text is null or subject = $4)
  ), counted as (
    select ${columns}, scheme, i, sum(bucket)::float8 as bucket
    from chosen, unnest(buckets) with ordinality as u(bucket, i)
    group by ${columns}, scheme, i
  ), totals as (
    select ${columns}, scheme, sum(total) as total from chosen group by ${columns}, scheme
  )
  select ${columns}, scheme, total, array_agg(bucket order by i) as buckets
  from counted join totals using (${columns}, scheme)
  group by ${columns}, scheme, total`;

const SUM_OF_PERIOD = SUM_BY('kind, subject, detail');
const SUM_OF_DAYS = SUM_BY('day, kind');

const paramsOf = ({ fromDay, toDay }: Period, { kinds, subject }: Filter) => [
  fromDay,
  toDay,
  kinds,
  subject ?? null,
];

/** The figures of a period, all its days together. */
export const sumOfPeriod = (db: Queryable, period: Period, filter: Filter): Promise<Sums[]> =>
  db.query<Sums>(SUM_OF_PERIOD, paramsOf(period, filter));

/** The figures of each day of a period, of all subjects together. */
export const sumOfDays = (
  db: Queryable,
  period: Period,
  filter: Filter,
): Promise<Omit<DailyFigure, 'subject' | 'detail'>[]> => db.query(SUM_OF_DAYS, paramsOf(period, filter));

/** The last day on which each version of each micro-frontend was loaded. */
export const lastDaysOfVersions = (
  db: Queryable,
  { fromDay, toDay }: Period,
): Promise<{ subject: string; detail: string; lastDay: string }[]> =>
  db.query(
    `select subject, detail, to_char(max(day), 'YYYY-MM-DD') as "lastDay" from daily_figures
     where day between $1 and $2 and kind in ('remote', 'remote-failed') group by subject, detail`,
    [fromDay, toDay],
  );

/** Deletes figures of days before `before`. */
export const purgeDays = purgeOf({
  table: 'daily_figures',
  key: 'day, kind, subject, detail, scheme',
  age: 'day',
});
