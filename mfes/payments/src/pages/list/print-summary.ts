import type { Currency } from '../../../../../shared/contracts/currencies.ts';
import { formatMoney } from '../../../../../shared/contracts/money.ts';
import type { Payment } from '../../../../../shared/contracts/payments.ts';
import { directionOf, DIRECTION_LABELS } from '../../texts.ts';
import { chipsOf } from './chips.ts';
import type { Filters } from './filters.ts';
import { SORTS } from './sorts.ts';
import { STATUS_LABELS } from '../../texts.ts';

type Direction = keyof typeof DIRECTION_LABELS;
const DIRECTIONS: readonly Direction[] = ['sent', 'received', 'other'];

/** A sum of amounts; what a number no longer holds exactly is not shown as if it did. */
const sumText = (amounts: readonly number[], currency: Currency, locale: string): string => {
  const sum = amounts.reduce((total, amountMinor) => total + BigInt(amountMinor), 0n);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return sum > most
    ? `more than ${formatMoney({ amountMinor: Number(most), currency }, locale)}`
    : formatMoney({ amountMinor: Number(sum), currency }, locale);
};

/** What moved, by direction and currency: `Sent €12.34 and $5.00`. Empty when nothing did. */
export const totalsOf = (items: readonly Payment[], userId: string | undefined, locale: string): string[] => {
  const completed = items.filter(({ status }) => status === 'completed');
  return DIRECTIONS.flatMap((direction) => {
    const own = completed.filter((payment) => directionOf(payment, userId) === direction);
    const currencies = [...new Set(own.map(({ currency }) => currency))].sort();
    const sums = currencies.map((currency) => {
      const amounts = own.filter((payment) => payment.currency === currency);
      return sumText(
        amounts.map(({ amountMinor }) => amountMinor),
        currency,
        locale,
      );
    });
    const list = new Intl.ListFormat('en').format(sums);
    return sums.length === 0 ? [] : [`${DIRECTION_LABELS[direction]} ${list}`];
  });
};

/** A page of the list, as it is printed. */
type Printed = {
  items: readonly Payment[];
  filters: Filters;
  page: number;
  hasNext: boolean;
  userId: string | undefined;
  /** The name of the person among the filters, once it is known. */
  person: string | undefined;
  locale: string;
  /** The reader's day, `2026-11-23`. */
  today: string;
};

/** What stands above a printed list, because the controls that say it are not printed. */
export const summaryOf = ({ items, filters, page, hasNext, ...reader }: Printed): string[] => {
  const { length } = items;
  const count = `${length} ${length === 1 ? 'payment' : 'payments'}`;
  const place = page > 1 || hasNext ? `, page ${page}${hasNext ? ', more follow' : ''}` : '';
  const order = SORTS.find(({ value }) => value === filters.sort)?.label ?? '';
  const status = filters.status === '' ? [] : [STATUS_LABELS[filters.status]];
  const chosen = [...status, ...chipsOf(filters, reader).map(({ text }) => text)];
  const totals = totalsOf(items, reader.userId, reader.locale);
  return [
    `${count}${place}. ${order}.`,
    chosen.length === 0 ? 'All payments, without a filter.' : `Only: ${chosen.join(' · ')}.`,
    ...(totals.length === 0 ? [] : [`Completed on these sheets: ${totals.join('; ')}.`]),
  ];
};
