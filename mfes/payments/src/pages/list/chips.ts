import { formatMoney } from '../../../../../shared/contracts/money.ts';
import type { PaymentListParams } from '../../../../../shared/contracts/payments.ts';
import { dateLocale } from '../../../../../shared/ui/times.ts';
import { DIRECTION_LABELS } from '../../texts.ts';
import { activeFilters, listParamsOf } from './filters.ts';
import type { FilterName, Filters } from './filters.ts';
import { dateOf, PERIODS, periodOf } from './periods.ts';

type Reader = {
  locale: string;
  today: string;
  /** The name of the person among the filters, once it is known. */
  person?: string | undefined;
};
type Chip = { name: FilterName; text: string };

const daysText = ({ from, to }: Filters, locale: string, today: string): string => {
  const period = periodOf({ from, to }, today);
  if (period !== 'custom') return PERIODS[period];
  const format = new Intl.DateTimeFormat(dateLocale(locale), { dateStyle: 'medium' });
  if (from !== '' && to !== '') return format.formatRange(dateOf(from), dateOf(to));
  return from === '' ? `Until ${format.format(dateOf(to))}` : `From ${format.format(dateOf(from))}`;
};

const amountsText = ({ amountMin, amountMax, currency }: PaymentListParams, locale: string): string => {
  const [least, most] = [amountMin, amountMax].map((amountMinor) =>
    amountMinor === undefined || currency === undefined
      ? null
      : formatMoney({ amountMinor: Number(amountMinor), currency }, locale),
  );
  if (least && most) return `${least} – ${most}`;
  return least ? `From ${least}` : `Up to ${most}`;
};

/** The applied filters in words, each for a chip that removes it. */
export const chipsOf = (filters: Filters, { locale, today, person }: Reader): Chip[] => {
  const params = listParamsOf(filters);
  // A day or an amount that is not applied is not named either.
  const days = { ...filters, from: params.from ? filters.from : '', to: params.to ? filters.to : '' };
  const texts: Record<FilterName, () => string> = {
    q: () => `“${params.q}”`,
    person: () => person ?? 'One person',
    direction: () => DIRECTION_LABELS[params.direction ?? 'other'],
    currency: () => params.currency ?? '',
    days: () => daysText(days, locale, today),
    amounts: () => amountsText(params, locale),
  };
  return activeFilters(filters).map((name) => ({ name, text: texts[name]() }));
};
