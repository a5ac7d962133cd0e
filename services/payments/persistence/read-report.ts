import { AppError } from '../../../broker/calls/errors.ts';
import type { Plannable } from '../../../broker/postgres/database.ts';
import { firstIdAt } from '../../../broker/process/ids.ts';
import type { Currency } from '../../../shared/contracts/currencies.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { PAYMENT_STATUSES, type PaymentStatus } from '../../../shared/contracts/payments.ts';
import {
  REPORT_PERIODS_MAX,
  type PaymentReport,
  type ReportFilters,
} from '../../../shared/contracts/payments/reports.ts';
import type { PeriodSums, Statuses } from '../domain/report.ts';

/** A part of a report: its first day, and its times. */
export type Period = { day: string; startsAt: Date; endsAt: Date };

/** What a report is about; without a payee, all payments. */
export type ReportScope = {
  payeeId: UserId | null;
  currency?: Currency | undefined;
  /** Leaves out all other statuses. */
  status?: PaymentStatus | undefined;
};

const INVALID_PARAMETER = '22023';

/** PostgreSQL's list of time zones may lack one that Node.js knows. */
const refuseTimeZone = (error: unknown): never => {
  if ((error as { code?: string }).code !== INVALID_PARAMETER) throw error;
  const message = 'is not a time zone that is known here';
  throw new AppError('invalid_params', { errors: [{ path: 'timeZone', message }] });
};

/**
 * The periods of a report, oldest first. A day begins at midnight in the reader's time zone, or where the
 * clock skips it, right after.
 * @throws AppError `invalid_params` when there are none or too many, or the time zone is unknown
 */
export const readPeriods = async (
  db: Plannable,
  { from, to, group, timeZone }: Pick<ReportFilters, 'from' | 'to' | 'group' | 'timeZone'>,
): Promise<Period[]> => {
  const invalid = (path: string, message: string) =>
    new AppError('invalid_params', { errors: [{ path, message }] });
  if (to <= from) throw invalid('to', 'must be after the first day');
  const rows = await db
    .query<Period>(
      `select to_char(first, 'YYYY-MM-DD') as day, first at time zone $4 as "startsAt",
         least(next, $2::timestamp) at time zone $4 as "endsAt"
       from (
         select greatest(day, $1::timestamp) as first, day + ('1 ' || $3)::interval as next
         from generate_series(date_trunc($3, $1::timestamp), $2::timestamp - interval '1 day',
           ('1 ' || $3)::interval) as day limit ${REPORT_PERIODS_MAX + 1}
       ) as period order by first`,
      [from, to, group, timeZone],
    )
    .catch(refuseTimeZone);
  if (rows.length > REPORT_PERIODS_MAX) {
    throw invalid('group', `makes more than ${REPORT_PERIODS_MAX} periods: choose longer ones or fewer days`);
  }
  return rows;
};

type Figures = Record<`${PaymentStatus}_${'count' | 'minor'}`, string>;
type Row = Figures & { period: number; currency: Currency };

const statusesOf = (row: Row, wanted: PaymentStatus | undefined): Statuses =>
  Object.fromEntries(
    PAYMENT_STATUSES.filter((status) => wanted === undefined || status === wanted)
      .map((status) => {
        const [count, amountMinor] = [Number(row[`${status}_count`]), Number(row[`${status}_minor`])];
        return [status, { count, amountMinor }] as const;
      })
      .filter(([, { count }]) => count > 0),
  );

const sumsOf = (prefix: (status: PaymentStatus, what: 'count' | 'minor') => string): string =>
  PAYMENT_STATUSES.flatMap((status) => [
    `${prefix(status, 'count')} as ${status}_count`,
    `${prefix(status, 'minor')} as ${status}_minor`,
  ]).join(', ');

const ENDED: readonly PaymentStatus[] = ['completed', 'failed', 'cancelled'];
const OF_TOTALS = sumsOf((status, what) => (ENDED.includes(status) ? `sum(${status}_${what})` : '0'));
const OF_PAYMENTS = sumsOf((status, what) =>
  what === 'count'
    ? `count(*) filter (where status = '${status}')`
    : `coalesce(sum(amount_minor) filter (where status = '${status}'), 0)`,
);
const OF_BOTH = sumsOf((status, what) => `sum(${status}_${what})`);

type Parameters = { values: unknown[]; payee: string; currency: string };

/** The parameters of every query of a report: payee, starts and ends of the periods, ids, currency. */
const parametersOf = ({ payeeId, currency }: ReportScope, periods: readonly Period[]): Parameters => {
  const [first, last] = [periods[0] as Period, periods.at(-1) as Period];
  const values = [
    payeeId ?? '',
    periods.map(({ startsAt }) => startsAt),
    periods.map(({ endsAt }) => endsAt),
    firstIdAt('payment', first.startsAt.getTime()),
    firstIdAt('payment', last.endsAt.getTime()),
    ...(currency === undefined ? [] : [currency]),
  ];
  return {
    values,
    payee: payeeId === null ? "$1 = ''" : 'p.payee_id = $1',
    currency: currency === undefined ? '' : 'and currency = $6',
  };
};

const PERIODS = 'unnest($2::timestamptz[], $3::timestamptz[]) with ordinality as period (starts, ends, at)';

/** The payments that are not in the totals: the newest, and those that had not ended. */
const unadded = ({ payee, currency }: Parameters): string => `
  select p.created_at, p.currency, p.status, p.amount_minor, p.failure_code from payments p
  where p.id >= greatest($4, (select until_id from report_progress)) and p.id < $5 and ${payee} ${currency}
  union all
  select p.created_at, p.currency, p.status, p.amount_minor, p.failure_code
  from report_open o join payments p on p.id = o.payment_id
  where o.payment_id >= $4 and o.payment_id < $5 and ${payee} ${currency}`;

/** The sums of each period and currency, of one moment. */
export const readSums = async (
  db: Plannable,
  scope: ReportScope,
  periods: readonly Period[],
): Promise<PeriodSums[]> => {
  const parameters = parametersOf(scope, periods);
  const rows = await db.planned<Row>(
    `select at::int as period, currency, ${OF_BOTH} from (
       select at, currency, ${OF_TOTALS}
       from ${PERIODS} cross join lateral (
         select * from report_totals
         where payee_id = $1 and quarter >= starts and quarter < ends ${parameters.currency} offset 0
       ) as total group by 1, 2
       union all
       select width_bucket(created_at, $2::timestamptz[]), currency, ${OF_PAYMENTS}
       from (${unadded(parameters)}) as payment group by 1, 2
     ) as figures group by 1, 2 order by 1, 2`,
    parameters.values,
  );
  return rows
    .map((row) => ({
      period: row.period,
      currency: row.currency,
      statuses: statusesOf(row, scope.status),
    }))
    .filter(({ statuses }) => Object.keys(statuses).length > 0);
};

/** Failed payments by currency and reason, the most frequent first. */
export const readFailures = async (
  db: Plannable,
  scope: ReportScope,
  periods: readonly Period[],
): Promise<PaymentReport['failures']> => {
  const parameters = parametersOf(scope, periods);
  const rows = await db.planned<{ currency: Currency; code: string; count: string; minor: string }>(
    `select currency, code, sum(failed_count) as count, sum(failed_minor) as minor from (
       select total.* from ${PERIODS} cross join lateral (
         select currency, code, failed_count, failed_minor from report_failures
         where payee_id = $1 and quarter >= starts and quarter < ends ${parameters.currency} offset 0
       ) as total
       union all
       select currency, coalesce(failure_code, 'unknown'), 1, amount_minor
       from (${unadded(parameters)}) as payment where status = 'failed'
     ) as failed group by 1, 2 order by 3 desc, 1, 2`,
    parameters.values,
  );
  return rows.map(({ currency, code, count, minor }) => ({
    currency,
    code,
    count: Number(count),
    amountMinor: Number(minor),
  }));
};
