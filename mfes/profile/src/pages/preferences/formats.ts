import { formatMoney } from '../../../../../shared/contracts/money.ts';
import type { Language } from '../../../../../shared/contracts/profile.ts';
import { dateLocale } from '../../../../../shared/ui/times.ts';

/** After the twelfth day, so that day and month cannot be taken for each other; noon, for every time zone. */
const EXAMPLE_DAY = new Date('2026-11-23T12:00:00.000Z');
/** Five digits before the decimals: some languages group no fewer. */
const EXAMPLE_AMOUNT = { amountMinor: 1_234_567, currency: 'EUR' } as const;

/** A language's own name for itself and its region, `Deutsch (Deutschland)`. */
export const nameOf = (tag: string): string => {
  const names = new Intl.DisplayNames([tag], { type: 'language', languageDisplay: 'standard' });
  const name = names.of(tag) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
};

export type Example = { tag: string; name: string; date: string; amount: string };

/** How a language writes dates and amounts; `system` is what the browser itself speaks. */
export const exampleOf = (language: Language, browserTag: string): Example => {
  const tag = language === 'system' ? browserTag : language;
  return {
    tag,
    name: nameOf(tag),
    date: EXAMPLE_DAY.toLocaleDateString(dateLocale(tag), { dateStyle: 'medium' }),
    amount: formatMoney(EXAMPLE_AMOUNT, tag),
  };
};
