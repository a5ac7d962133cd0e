import type { Currency } from '../../../../../shared/contracts/currencies.ts';
import { CURRENCY_RULES } from '../../../../../shared/contracts/currencies.ts';
import type {
  CurrencyReport,
  PaymentReport,
  ReportGroup,
} from '../../../../../shared/contracts/payments/reports.ts';
import { dateLocale } from '../../../../../shared/ui/times.ts';

/** A day as a period is named, such as `3 Nov` or `November 2026`. Days of a calendar have no time zone. */
export const periodName = (day: string, group: ReportGroup, locale: string): string => {
  const style: Intl.DateTimeFormatOptions =
    group === 'month' ? { month: 'short', year: 'numeric' } : { day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat(dateLocale(locale), { ...style, timeZone: 'UTC' }).format(Date.parse(day));
};

/** `96.4 %`, or a dash where nothing has ended. */
export const rateText = (rate: number | null, locale: string): string =>
  rate === null
    ? '–'
    : new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(rate);

/** An amount at an axis: `12K`, without its currency. */
export const shortAmount = (amountMinor: number, currency: Currency, locale: string): string =>
  new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(
    amountMinor / 10 ** CURRENCY_RULES[currency].digits,
  );

/** The currency that is shown first: the one with the most payments. */
export const busiestOf = (currencies: readonly CurrencyReport[]): Currency | undefined => {
  const countOf = ({ statuses }: CurrencyReport): number =>
    Object.values(statuses).reduce((sum, { count }) => sum + count, 0);
  return currencies.toSorted((a, b) => countOf(b) - countOf(a))[0]?.currency;
};

export type PeriodLine = { day: string; statuses: CurrencyReport['statuses'] };

/** The periods of one currency, oldest first, also empty ones. */
export const linesOf = ({ periods }: PaymentReport, currency: Currency): PeriodLine[] =>
  periods.map(({ day, sums }) => ({
    day,
    statuses: sums.find((sum) => sum.currency === currency)?.statuses ?? {},
  }));
