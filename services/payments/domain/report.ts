import type { Currency } from '../../../shared/contracts/currencies.ts';
import type { PaymentStatus } from '../../../shared/contracts/payments.ts';
import type { CurrencyReport, PaymentReport, Sum } from '../../../shared/contracts/payments/reports.ts';

export type Statuses = Partial<Record<PaymentStatus, Sum>>;
/** What a report says of one currency in one period, the first period being 1. */
export type PeriodSums = { period: number; currency: Currency; statuses: Statuses };

const added = (sums: Statuses, more: Statuses): Statuses => {
  const all = { ...sums };
  for (const [status, { count, amountMinor }] of Object.entries(more) as [PaymentStatus, Sum][]) {
    const before = all[status] ?? { count: 0, amountMinor: 0 };
    all[status] = { count: before.count + count, amountMinor: before.amountMinor + amountMinor };
  }
  return all;
};

/**
 * The periods of each currency added up; two currencies never are.
 * @param hasAll whether the rows have all statuses: otherwise there is no rate of success
 */
export const currenciesOf = (rows: readonly PeriodSums[], hasAll: boolean): CurrencyReport[] => {
  const totals = new Map<Currency, Statuses>();
  for (const { currency, statuses } of rows) {
    totals.set(currency, added(totals.get(currency) ?? {}, statuses));
  }
  return [...totals]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, statuses]) => {
      const { completed, failed } = statuses;
      const ended = (completed?.count ?? 0) + (failed?.count ?? 0);
      return {
        currency,
        statuses,
        successRate: ended === 0 || !hasAll ? null : (completed?.count ?? 0) / ended,
        averageMinor: completed ? Math.round(completed.amountMinor / completed.count) : null,
      };
    });
};

/** All days with what was paid in their period, in each currency. */
export const periodsOf = (days: readonly string[], rows: readonly PeriodSums[]): PaymentReport['periods'] => {
  const sums = days.map((): PaymentReport['periods'][number]['sums'] => []);
  for (const { period, currency, statuses } of rows) sums[period - 1]?.push({ currency, statuses });
  return days.map((day, index) => ({ day, sums: sums[index] ?? [] }));
};

/** What a payee may know of failures: that there were some, and not why. */
export const withoutReasons = (currencies: readonly CurrencyReport[]): PaymentReport['failures'] =>
  currencies.flatMap(({ currency, statuses: { failed } }) =>
    failed ? [{ currency, code: 'payment_failed', ...failed }] : [],
  );
