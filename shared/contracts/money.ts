/** Currencies that can be paid in, with ISO 4217 minor-unit digits (ISO 4217 list one, amendment 177). */
export const CURRENCY_DIGITS = {
  AED: 2,
  ARS: 2,
  AUD: 2,
  BGN: 2,
  BHD: 3,
  BRL: 2,
  CAD: 2,
  CHF: 2,
  CLP: 0,
  CNY: 2,
  COP: 2,
  CZK: 2,
  DKK: 2,
  EGP: 2,
  EUR: 2,
  GBP: 2,
  HKD: 2,
  HUF: 2,
  IDR: 2,
  ILS: 2,
  INR: 2,
  JOD: 3,
  JPY: 0,
  KRW: 0,
  KWD: 3,
  MXN: 2,
  MYR: 2,
  NOK: 2,
  NZD: 2,
  OMR: 3,
  PHP: 2,
  PLN: 2,
  RON: 2,
  SAR: 2,
  SEK: 2,
  SGD: 2,
  THB: 2,
  TND: 3,
  TRY: 2,
  USD: 2,
  VND: 0,
  ZAR: 2,
} as const;
export type Currency = keyof typeof CURRENCY_DIGITS;
export const CURRENCIES = Object.keys(CURRENCY_DIGITS) as Currency[];

export type Money = { amountMinor: number; currency: Currency };

/** Why a typed amount is invalid, as a sentence for the person who typed it. */
export type AmountProblem = { problem: string };

const GROUPED = /^\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d*)?$/;

/**
 * Reads an amount as a person types it ("12.34", "1,250", "12,5") in a currency's own decimals. A lone comma
 * followed by other than three digits is taken as the decimal mark. Nothing is ever rounded.
 */
export const parseAmount = (text: string, code: Currency): { amountMinor: number } | AmountProblem => {
  const digits = CURRENCY_DIGITS[code];
  let plain = text.trim();
  if (plain === '') return { problem: 'Enter an amount.' };
  if (plain.startsWith('-')) return { problem: 'The amount must be more than zero.' };
  if (GROUPED.test(plain)) plain = plain.replaceAll(/[,' \u00a0\u202f]/g, '');
  else plain = plain.replace(/^(\d*),(\d*)$/, '$1.$2');
  const match = /^(\d*)(?:\.(\d*))?$/.exec(plain);
  if (!match || (match[1] === '' && !match[2]))
    return { problem: 'Enter the amount in digits, such as 12.34.' };
  const [, whole = '', fraction = ''] = match;
  if (fraction.length > digits) {
    return {
      problem:
        digits === 0 ? `${code} has no decimals.` : `${code} has ${digits} decimals, not ${fraction.length}.`,
    };
  }
  const minor = Number(`${whole}${fraction.padEnd(digits, '0')}`);
  if (!Number.isSafeInteger(minor)) return { problem: 'This amount is too large.' };
  if (minor === 0) return { problem: 'The amount must be more than zero.' };
  return { amountMinor: minor };
};

/**
 * The amount in the currency's own decimals without symbol or grouping: `{1234, EUR}` → `12.34`, `{1234,
 * JPY}` → `1234`.
 */
export const toDecimal = ({ amountMinor: minor, currency: code }: Money): string => {
  const digits = CURRENCY_DIGITS[code];
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const sign = minor < 0 ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
};

/**
 * The amount for reading, in the reader's locale: `{1234, EUR}` → `€12.34` (en). Exact: no float is formed.
 */
export const formatMoney = (money: Money, locale?: string): string => {
  const digits = CURRENCY_DIGITS[money.currency];
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(toDecimal(money) as Intl.StringNumericLiteral);
};
