import type { SystemSnapshot } from '../../../../../shared/contracts/admin/system.ts';
import type { PaymentReport, CurrencyReport } from '../../../../../shared/contracts/payments/reports.ts';

const countOf = ({ statuses }: Pick<CurrencyReport, 'statuses'>): number =>
  Object.values(statuses).reduce((sum, { count }) => sum + count, 0);

/** How many payments a report has: they are counted over all currencies; amounts never are added. */
export const paymentsIn = ({ currencies }: PaymentReport): number =>
  currencies.reduce((sum, one) => sum + countOf(one), 0);

/** Completed ones among those that completed or failed, over all currencies; null where there are none. */
export const rateOf = ({ currencies }: PaymentReport): number | null => {
  const sum = (status: 'completed' | 'failed') =>
    currencies.reduce((all, { statuses }) => all + (statuses[status]?.count ?? 0), 0);
  const ended = sum('completed') + sum('failed');
  return ended === 0 ? null : sum('completed') / ended;
};

/** Payments of each day, over all currencies. */
export const perDay = ({ periods }: PaymentReport): { day: string; count: number }[] =>
  periods.map(({ day, sums }) => ({ day, count: sums.reduce((all, one) => all + countOf(one), 0) }));

/** Failed payments by reason, over all currencies, the most frequent first. */
export const reasonsIn = ({ failures }: PaymentReport): { code: string; count: number }[] => {
  const counts = new Map<string, number>();
  for (const { code, count } of failures) counts.set(code, (counts.get(code) ?? 0) + count);
  return [...counts].map(([code, count]) => ({ code, count })).toSorted((a, b) => b.count - a.count);
};

export type Backlog = { events: number; deadLetters: number; down: number };

/** What waits between the services. */
export const backlogOf = ({ services, processes, deadLetters }: SystemSnapshot): Backlog => ({
  events: services.reduce((sum, { outbox, queue }) => sum + (outbox?.rows ?? 0) + (queue?.waiting ?? 0), 0),
  deadLetters,
  down: processes.filter(({ state }) => state === 'silent' || state === 'died').length,
});
