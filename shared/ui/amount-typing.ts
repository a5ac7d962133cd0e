import { CURRENCY_RULES, type Currency } from '../contracts/currencies.ts';
import { formatNumber } from '../contracts/money.ts';
import { digitValue } from '../contracts/typed-amounts.ts';

/** The text of an amount field; `grouped`: the field itself wrote the grouping marks in it. */
export type Typed = { text: string; grouped: boolean };
type Change = { text: string; caret: number; forward: boolean };

const MAX_DIGITS = 15;

const wholeOnes = (count: number, currency: Currency, locale: string): string => {
  const amountMinor = Number('1'.repeat(count)) * 10 ** CURRENCY_RULES[currency].digits;
  return formatNumber({ amountMinor, currency }, locale);
};

/** The locale's marks as they are written, in a currency; '' where there is none. */
const marksOf = (currency: Currency, locale: string): { group: string; decimal: string } => {
  const marks = [...wholeOnes(8, currency, locale).replaceAll(/\p{Nd}/gu, '')];
  const decimal = CURRENCY_RULES[currency].digits === 0 ? '' : (marks.pop() ?? '');
  return { group: marks[0] ?? '', decimal };
};

/** The digits, whatever their script, with the locale's grouping marks between them. */
const grouped = (digits: string[], currency: Currency, locale: string): string => {
  const { decimal } = marksOf(currency, locale);
  const ones = wholeOnes(digits.length, currency, locale);
  const rest = [...digits];
  return (decimal ? (ones.split(decimal)[0] ?? '') : ones).replaceAll(/\p{Nd}/gu, () => rest.shift() ?? '');
};

const commonStart = (a: string, b: string): number => {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++;
  return length;
};

const reversed = (text: string): string => text.split('').reverse().join('');

/** The changed text without the marks that the field wrote, and the caret's place in it. */
const withoutOwnMarks = (before: Typed, { text, caret }: Change, group: string) => {
  if (!before.grouped || group === '') return { bare: text, left: caret };
  const start = Math.min(commonStart(before.text, text), caret);
  const end = Math.min(commonStart(reversed(before.text), reversed(text)), text.length - start);
  const own = (index: number) => index < start || index >= text.length - end;
  const stays = text.split('').map((character, index) => character !== group || !own(index));
  return {
    bare: text
      .split('')
      .filter((_, index) => stays[index])
      .join(''),
    left: stays.slice(0, caret).filter(Boolean).length,
  };
};

/**
 * Groups the digits of a changed amount as the locale does, with the caret after the same digit. Only marks
 * that the field wrote are ever removed: text with grouping of the person's own stays as it was typed.
 * @param forward whether the change was a deletion to the right, which moves the caret over a mark
 */
export const groupTyped = (
  before: Typed,
  change: Change,
  currency: Currency,
  locale: string,
): Typed & { caret: number } => {
  const { group, decimal } = marksOf(currency, locale);
  const { bare, left } = withoutOwnMarks(before, change, group);
  const [, whole = '', rest = ''] = /^(\p{Nd}*)(.*)$/su.exec(bare) ?? [];
  const digits = [...whole];
  const isPlain = rest === '' || (decimal !== '' && rest.startsWith(decimal) && /^.\p{Nd}*$/u.test(rest));
  const startsWithZero = digits.length > 1 && digitValue(digits[0] ?? '') === '0';
  if (!isPlain || startsWithZero || digits.length + CURRENCY_RULES[currency].digits > MAX_DIGITS) {
    return { text: bare, grouped: false, caret: left };
  }
  const text = (digits.length === 0 ? '' : grouped(digits, currency, locale)) + rest;
  let caret = 0;
  for (let passed = 0; passed < left; caret++) if (text[caret] !== group) passed++;
  if (change.forward && text[caret] === group) caret++;
  return { text, grouped: true, caret };
};
