import { CURRENCY_RULES, type Currency } from './currencies.ts';
import { formatMoney, formatNumber } from './money.ts';

/**
 * Why a typed amount is not taken, as a sentence for the person who typed it. An `ambiguous` one can be meant
 * as any of the readings, in minor units: the person has to choose.
 */
type AmountProblem =
  | { kind: 'invalid' | 'too_large'; problem: string }
  | { kind: 'ambiguous'; problem: string; readings: number[] };
export type AmountReading = { amountMinor: number } | AmountProblem;

/** The marks with which a locale writes amounts of a currency, and all its names of the currency. */
type Notation = { decimal: string; group: string; names: string[] };

const ARABIC_DECIMAL = '٫';
const MAX_LENGTH = 100;
/** Countries whose own currency has three decimals: `12,500` is everyday writing there, not a thousand. */
const THREE_DECIMAL_REGIONS = ['BH', 'IQ', 'JO', 'KW', 'LY', 'OM', 'TN'];

/** The value of a decimal digit of any script, `0` to `9`: Unicode has them in runs of ten. */
export const digitValue = (digit: string): string => {
  let start = digit.codePointAt(0) ?? 0;
  const last = start;
  while (/\p{Nd}/u.test(String.fromCodePoint(start - 1))) start--;
  return String((last - start) % 10);
};

/** The text with digits and marks in one form each, without invisible characters (bidi marks and others). */
const plain = (text: string): string =>
  text
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/(?!\d)\p{Nd}/gu, digitValue)
    .replaceAll(/\s/g, ' ')
    .replaceAll(/[’‘ʼ＇´`]/g, "'")
    .replaceAll(/[，،⹁]/g, ',')
    .replaceAll('．', '.')
    .replaceAll(/[−﹣－–—]/g, '-')
    .replaceAll('＋', '+')
    .trim();

/** The text in that form, with `,0` where a dash says that there are no decimals: `5,-`, `5.– CHF`. */
const written = (text: string): string =>
  plain(text.slice(0, MAX_LENGTH)).replace(/(?<=\d[.,])-{1,2}(?=\D*$)/, '0');

const notations = new Map<string, Notation>();

const notationOf = (code: Currency, locale: string): Notation => {
  const key = `${code} ${locale}`;
  const known = notations.get(key);
  if (known) return known;
  const partsWith = (currencyDisplay: 'code' | 'symbol' | 'narrowSymbol', language = locale) =>
    new Intl.NumberFormat(language, {
      style: 'currency',
      currency: code,
      currencyDisplay,
      minimumFractionDigits: 1,
    }).formatToParts(1_234_567.5);
  const inEnglish = partsWith('narrowSymbol', 'en');
  const parts = [partsWith('symbol'), partsWith('narrowSymbol'), partsWith('code'), inEnglish];
  const valueOf = (type: string, of = parts[0]) =>
    plain(of?.find((part) => part.type === type)?.value ?? '') || (type === 'group' ? ' ' : '');
  const names = [...parts.map((of) => valueOf('currency', of)), code];
  const notation = {
    decimal: valueOf('decimal'),
    group: valueOf('group'),
    // Also without the dot of an abbreviation, and the longest first.
    names: [...new Set(names.flatMap((name) => [name, name.replace(/\.$/, '')]))].sort(
      (a, b) => b.length - a.length,
    ),
  };
  notations.set(key, notation);
  return notation;
};

/** What stands in the text beside signs and names of the currency, as digits and marks. */
const strip = (text: string, names: readonly string[]): { negative: boolean; rest: string } => {
  const name = names.map((one) => one.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const around = new RegExp(`^((?:[-+ ]|${name})*)(.*?)(?: |${name})*$`, 'iu');
  const [, before = '', rest = ''] = around.exec(text) ?? [];
  return { negative: before.includes('-'), rest };
};

const WESTERN_GROUPS = /^[1-9]\d{0,2}(?:\D\d{3})+$/;
const INDIAN_GROUPS = /^[1-9]\d?(?:,\d{2})+,\d{3}$/;

type Digits = { whole: string; fraction: string };

/** The text with this mark before its decimals, all others as grouping; null if that is not well formed. */
const readWith = (text: string, decimal: string | null): Digits | null => {
  const at = decimal === null ? text.length : text.indexOf(decimal);
  if (at < 0) return null;
  const whole = text.slice(0, at);
  const fraction = text.slice(at + 1);
  const marks = new Set(whole.replaceAll(/\d/g, ''));
  if (/\D/.test(fraction) || marks.size > 1 || marks.has(ARABIC_DECIMAL)) return null;
  if (marks.size === 1 && !WESTERN_GROUPS.test(whole) && !INDIAN_GROUPS.test(whole)) return null;
  return { whole: whole.replaceAll(/\D/g, ''), fraction };
};

const invalid = (problem: string): AmountProblem => ({ kind: 'invalid', problem });
const TOO_LARGE: AmountProblem = { kind: 'too_large', problem: 'This amount is too large.' };
const NOT_POSITIVE = 'The amount must be more than zero.';

const decimalsProblem = (code: Currency, count: number): string => {
  const { digits } = CURRENCY_RULES[code];
  return digits === 0 ? `${code} has no decimals.` : `${code} has ${digits} decimals, not ${count}.`;
};

/** The digits in minor units. There may be more decimals than the currency has if they are 0; no rounding. */
const toMinor = ({ whole, fraction }: Digits, code: Currency): { amountMinor: number } | AmountProblem => {
  const { digits } = CURRENCY_RULES[code];
  if (fraction.replace(/0+$/, '').length > digits) return invalid(decimalsProblem(code, fraction.length));
  const amountMinor = Number(`${whole}${fraction.slice(0, digits).padEnd(digits, '0')}`);
  if (!Number.isSafeInteger(amountMinor)) return TOO_LARGE;
  return amountMinor === 0 ? invalid(NOT_POSITIVE) : { amountMinor };
};

/** Settles which of two readings of one mark before three digits is meant, or asks. */
const settle = (
  text: string,
  mark: string,
  grouped: Digits,
  code: Currency,
  locale: string,
): AmountReading => {
  const { decimal, group } = notationOf(code, locale);
  const { whole } = grouped;
  const asGroup = toMinor(grouped, code);
  if (mark === group) return asGroup;
  const asDecimal = toMinor({ whole: whole.slice(0, -3), fraction: whole.slice(-3) }, code);
  if ('amountMinor' in asDecimal && mark === decimal) {
    const shown = plain(formatMoney({ ...asDecimal, currency: code }, locale));
    const region = new Intl.Locale(locale).maximize().region ?? '';
    const isEveryday = CURRENCY_RULES[code].digits === 3 && THREE_DECIMAL_REGIONS.includes(region);
    if (plain(text).replace(/^\+/, '') === shown || isEveryday) return asDecimal;
  }
  const readings = [asGroup, asDecimal].flatMap((one) => ('amountMinor' in one ? [one.amountMinor] : []));
  const problem =
    'problem' in asDecimal
      ? `${asDecimal.problem} Do you mean this?`
      : 'This can be read in two ways. Which do you mean?';
  return { kind: 'ambiguous', problem, readings };
};

/**
 * Reads an amount as a person types or pastes it, in a currency's decimals. Nothing is rounded.
 *
 * 1. Digits of every script, signs and the currency as the locale names it are understood, and marks that no
 *    locale uses before decimals (spaces, apostrophes, `٬`) are grouping; `٫` stands before decimals.
 * 2. Of `.` and `,` the text itself usually says which is which, in every locale: when both occur, when one
 *    occurs twice, when grouping would not be well formed (`12,5`, `0,125`, `1234.567`).
 * 3. One of them before exactly three digits is grouping if it is the locale's grouping mark. Otherwise it is
 *    ambiguous and has to be asked, unless the text is exactly what pages show for an amount, or the currency
 *    and the locale's country have three decimals.
 */
export const parseAmount = (text: string, code: Currency, locale: string): AmountReading => {
  if (text.trim() === '') return invalid('Enter an amount.');
  const { negative, rest } = strip(written(text), notationOf(code, locale).names);
  if (/\p{L}{3}|\p{Sc}/u.test(rest) && /\d/.test(rest))
    return invalid(`Enter the amount in ${code}, or choose another currency.`);
  if (text.length > MAX_LENGTH || !/^[\d.,' ٫٬]*\d[\d.,' ٫٬]*$/.test(rest)) {
    return invalid(`Enter the amount in digits, such as ${amountExample(code, locale)}.`);
  }
  if (negative) return invalid(NOT_POSITIVE);
  const grouped = readWith(rest, null);
  const [withDecimals, other] = ['.', ',', ARABIC_DECIMAL].flatMap((mark) => readWith(rest, mark) ?? []);
  if (grouped && withDecimals) return settle(text, rest.replaceAll(/\d/g, ''), grouped, code, locale);
  const digits = grouped ?? withDecimals;
  if (!digits || other) return invalid(`Enter the amount in digits, such as ${amountExample(code, locale)}.`);
  return toMinor(digits, code);
};

/** Without a last decimal of 0, where the currency has three. */
const shortened = (text: string, code: Currency): string =>
  CURRENCY_RULES[code].digits < 3
    ? text
    : text.replace(/\p{Nd}$/u, (last) => (digitValue(last) === '0' ? '' : last));

/** An example of an amount in this currency, as the locale writes it: `12.34`, `1,234`, `12,34`. */
export const amountExample = (code: Currency, locale: string): string => {
  const amountMinor = CURRENCY_RULES[code].digits === 3 ? 12_340 : 1_234;
  return shortened(formatNumber({ amountMinor, currency: code }, locale), code);
};

/**
 * The text of an amount in a field: as the locale writes it, without the currency where `parseAmount` reads
 * it back without asking.
 */
export const amountText = (amountMinor: number, code: Currency, locale: string): string => {
  const money = { amountMinor, currency: code };
  const full = formatNumber(money, locale);
  const isReadBack = (text: string) => {
    const reading = parseAmount(text, code, locale);
    return 'amountMinor' in reading && reading.amountMinor === amountMinor;
  };
  return [full, shortened(full, code)].find(isReadBack) ?? formatMoney(money, locale);
};

/**
 * The typed amount, as text for another currency or locale: the same number of the new currency. Text that
 * cannot be read stays as it is.
 */
export const retypedAmount = (
  text: string,
  from: { currency: Currency; locale: string },
  to: { currency: Currency; locale: string },
): string => {
  const reading = parseAmount(text, from.currency, from.locale);
  if (!('amountMinor' in reading)) return text;
  const shift = CURRENCY_RULES[to.currency].digits - CURRENCY_RULES[from.currency].digits;
  const amountMinor = shift < 0 ? reading.amountMinor / 10 ** -shift : reading.amountMinor * 10 ** shift;
  return Number.isSafeInteger(amountMinor)
    ? amountText(amountMinor, to.currency, to.locale)
    : formatNumber({ amountMinor: reading.amountMinor, currency: from.currency }, to.locale);
};
