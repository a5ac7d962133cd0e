import type { LargestAmounts } from '../../../../../shared/contracts/admin/settings.ts';
import { brokenLimit, CURRENCIES, type Currency } from '../../../../../shared/contracts/currencies.ts';
import { formatMoney } from '../../../../../shared/contracts/money.ts';
import { amountText, parseAmount } from '../../../../../shared/contracts/typed-amounts.ts';

/** A largest amount as it is typed. */
export type LimitLine = { currency: Currency; text: string };

/** The name of a line's field, which is also the path by which the server names it. */
export const fieldOf = (currency: Currency): string => `value.${currency}`;

export const linesOf = (amounts: LargestAmounts, locale: string): LimitLine[] =>
  CURRENCIES.flatMap((currency) => {
    const amountMinor = amounts[currency];
    return amountMinor === undefined ? [] : [{ currency, text: amountText(amountMinor, currency, locale) }];
  });

const problemOf = ({ currency, text }: LimitLine, locale: string): string | null => {
  if (text.trim() === '') return 'Fill this in, or remove the currency.';
  const amount = parseAmount(text, currency, locale);
  if ('problem' in amount && amount.kind !== 'too_large') return amount.problem;
  const broken = brokenLimit('problem' in amount ? Infinity : amount.amountMinor, currency);
  if (broken === null) return null;
  const limit = formatMoney({ amountMinor: broken.limitMinor, currency }, locale);
  if (broken.code === 'amount_under_limit') return `No payment is less than ${limit}.`;
  return broken.code === 'amount_over_limit'
    ? `No payment is more than ${limit} anyway.`
    : `Cards are charged in steps of ${limit}.`;
};

/** What is wrong with the lines, by the names of their fields. */
export const limitProblems = (lines: readonly LimitLine[], locale: string): Record<string, string> =>
  Object.fromEntries(
    lines.flatMap((line) => {
      const problem = problemOf(line, locale);
      return problem === null ? [] : [[fieldOf(line.currency), problem]];
    }),
  );

/** The amounts of lines without a problem. */
export const amountsOf = (lines: readonly LimitLine[], locale: string): LargestAmounts =>
  Object.fromEntries(
    lines.flatMap(({ currency, text }) => {
      const amount = parseAmount(text, currency, locale);
      return 'problem' in amount ? [] : [[currency, amount.amountMinor]];
    }),
  );
