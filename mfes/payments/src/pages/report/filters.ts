import { CURRENCIES, type Currency } from '../../../../../shared/contracts/currencies.ts';
import { isDayOrInstant } from '../../../../../shared/contracts/days.ts';
import type { ParamsOf } from '../../../../../shared/contracts/contract.ts';
import {
  PAYMENT_STATUSES,
  type payments,
  type PaymentStatus,
} from '../../../../../shared/contracts/payments.ts';
import { REPORT_GROUPS, type ReportGroup } from '../../../../../shared/contracts/payments/reports.ts';

/** What the address has. Days are those of the reader's calendar, both included. */
export type ReportFilters = {
  from: string;
  to: string;
  group: ReportGroup;
  currency: Currency | '';
  status: PaymentStatus | '';
  /** The id of a vendor; for administrators. */
  payee: string;
};

const DAY_MS = 86_400_000;

/** The day some days later, by the calendar alone. */
const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

const firstOfMonth = (day: string, months = 0): string => {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
};

export const PERIODS = {
  week: 'Last 7 days',
  month: 'Last 30 days',
  thisMonth: 'This month',
  lastMonth: 'Last month',
  year: 'Last 12 months',
  custom: 'Custom',
} as const;
export type Period = keyof typeof PERIODS;
type Days = Pick<ReportFilters, 'from' | 'to'>;

/** The days of a period that ends today or before. */
export const daysOf = (period: Exclude<Period, 'custom'>, today: string): Days => {
  switch (period) {
    case 'week':
      return { from: dayAfter(today, -6), to: today };
    case 'month':
      return { from: dayAfter(today, -29), to: today };
    case 'thisMonth':
      return { from: firstOfMonth(today), to: today };
    case 'lastMonth':
      return { from: firstOfMonth(today, -1), to: dayAfter(firstOfMonth(today), -1) };
    case 'year':
      return { from: firstOfMonth(today, -11), to: today };
  }
};

/** The period with exactly these days. */
export const periodOf = ({ from, to }: Days, today: string): Period =>
  (['month', 'week', 'thisMonth', 'lastMonth', 'year'] as const).find((period) => {
    const days = daysOf(period, today);
    return days.from === from && days.to === to;
  }) ?? 'custom';

const oneOf = <T extends string>(values: readonly T[], text: string | null): T | '' =>
  values.find((value) => value === text) ?? '';
const dayIn = (text: string | null): string =>
  text !== null && text.length === 'YYYY-MM-DD'.length && isDayOrInstant(text) ? text : '';

/** Reads the filters of an address; invalid ones are ignored. Without days it is the last 30. */
export const filtersOf = (search: URLSearchParams, today: string): ReportFilters => {
  const usual = daysOf('month', today);
  const [from, to] = [dayIn(search.get('from')) || usual.from, dayIn(search.get('to')) || usual.to];
  const payee = search.get('payee') ?? '';
  return {
    ...(from <= to ? { from, to } : usual),
    group: oneOf(REPORT_GROUPS, search.get('group')) || 'day',
    currency: oneOf(CURRENCIES, search.get('currency')),
    status: oneOf(PAYMENT_STATUSES, search.get('status')),
    payee: /^usr_[0-9a-f]{32}$/.test(payee) ? payee : '',
  };
};

/** The address of a report; what is as usual stays out of it. */
export const reportPath = (filters: ReportFilters, today: string): string => {
  const search = new URLSearchParams();
  const { from, to, group, ...others } = filters;
  if (periodOf(filters, today) !== 'month') {
    search.set('from', from);
    search.set('to', to);
  }
  if (group !== 'day') search.set('group', group);
  for (const [name, value] of Object.entries(others)) if (value !== '') search.set(name, value);
  return search.size === 0 ? '/reports' : `/reports?${search}`;
};

export type ReportParams = ParamsOf<typeof payments.actions.report>;

/** What to ask the server for: the last day is included for people and not in the contract. */
export const paramsOf = (filters: ReportFilters, timeZone: string): ReportParams => {
  const { from, to, group, currency, status, payee } = filters;
  return {
    ...{ from, to: dayAfter(to, 1), group, timeZone },
    ...(currency === '' ? {} : { currency }),
    ...(status === '' ? {} : { status }),
    ...(payee === '' ? {} : { payee }),
  };
};

/** The address of the same report as a file. */
export const csvPath = (filters: ReportFilters, timeZone: string): string =>
  `/api/reports/payments.csv?${new URLSearchParams(paramsOf(filters, timeZone) as Record<string, string>)}`;
