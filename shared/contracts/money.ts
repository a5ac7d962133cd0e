import { CURRENCY_RULES, type Currency } from './currencies.ts';

export type Money = { amountMinor: number; currency: Currency };

/**
 * The amount in the currency's own decimals without symbol or grouping: `{1234, EUR}` → `12.34`, `{1234,
 * JPY}` → `1234`.
 */
export const toDecimal = ({ amountMinor: minor, currency: code }: Money): string => {
  const { digits } = CURRENCY_RULES[code];
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const sign = minor < 0 ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
};

/**
 * The amount that `toDecimal` writes, `12.34`, in minor units; fewer decimals are allowed. Null for any other
 * text.
 */
export const fromDecimal = (text: string, code: Currency): number | null => {
  const { digits } = CURRENCY_RULES[code];
  const [, whole, fraction = ''] = /^(\d{1,16})(?:\.(\d{1,3}))?$/.exec(text) ?? [];
  const minor = Number(`${whole}${fraction.padEnd(digits, '0')}`);
  return fraction.length <= digits && Number.isSafeInteger(minor) ? minor : null;
};

const formats = new Map<string, Intl.NumberFormat>();

/** How the reader's locale writes amounts of a currency, with all its decimals. Kept: making one is slow. */
const formatOf = (code: Currency, locale?: string): Intl.NumberFormat => {
  const key = `${code} ${locale}`;
  const known = formats.get(key);
  if (known) return known;
  const { digits } = CURRENCY_RULES[code];
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: code,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formats.set(key, format);
  return format;
};

/**
 * The amount for reading, in the reader's locale: `{1234, EUR}` → `€12.34` (en). Exact: no float is formed.
 */
export const formatMoney = (money: Money, locale?: string): string =>
  formatOf(money.currency, locale).format(toDecimal(money) as Intl.StringNumericLiteral);

const OF_NUMBER = ['integer', 'group', 'decimal', 'fraction'];

/** The amount as `formatMoney` writes it, without the currency: `{123450, EUR}` → `1.234,50` (de). */
export const formatNumber = (money: Money, locale?: string): string =>
  formatOf(money.currency, locale)
    .formatToParts(toDecimal(money) as Intl.StringNumericLiteral)
    .filter(({ type }) => OF_NUMBER.includes(type))
    .map(({ value }) => value)
    .join('');
