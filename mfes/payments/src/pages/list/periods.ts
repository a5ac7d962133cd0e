import type { Filters } from './filters.ts';

/** The first and the last day, `2026-11-23`, in the reader's time zone; '' is open. */
type Days = Pick<Filters, 'from' | 'to'>;

export const PERIODS = {
  '': 'Any time',
  today: 'Today',
  week: 'Last 7 days',
  month: 'This month',
  lastMonth: 'Last month',
  custom: 'Custom',
} as const;
export type Period = keyof typeof PERIODS;

/** A day of the reader's calendar as a date field has it. */
const dayOf = (date: Date): string => {
  const twoDigits = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
};

/** The reader's midnight at the start of a day. */
export const dateOf = (day: string): Date => {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date);
};

const between = (from: Date, to: Date): Days => ({ from: dayOf(from), to: dayOf(to) });

/** The days of a period that is counted from today. */
export const daysOf = (period: Exclude<Period, 'custom'>, today: string): Days => {
  const now = dateOf(today);
  const [year, month] = [now.getFullYear(), now.getMonth()];
  switch (period) {
    case '':
      return { from: '', to: '' };
    case 'today':
      return { from: today, to: today };
    case 'week':
      return between(new Date(year, month, now.getDate() - 6), now);
    case 'month':
      return between(new Date(year, month, 1), new Date(year, month + 1, 0));
    case 'lastMonth':
      return between(new Date(year, month - 1, 1), new Date(year, month, 0));
  }
};

/** The period with exactly these days. */
export const periodOf = ({ from, to }: Days, today: string): Period => {
  const periods = ['', 'today', 'week', 'month', 'lastMonth'] as const;
  const isSame = (period: (typeof periods)[number]): boolean => {
    const days = daysOf(period, today);
    return days.from === from && days.to === to;
  };
  return periods.find(isSame) ?? 'custom';
};
