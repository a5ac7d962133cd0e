import { CURRENCY_RULES, type Currency } from '../../../shared/contracts/currencies.ts';

/** What a column `numeric(precision, scale)` takes. */
export type NumericColumn = { precision: number; scale: number };

const NUMERIC = /^numeric\((\d+),(\d+)\)$/;
const ANY: NumericColumn = { precision: 1_000, scale: 3 };

/** @param type as format_type says it; `numeric` takes everything */
export const numericColumn = (type: string): NumericColumn => {
  const [, precision, scale] = NUMERIC.exec(type) ?? [];
  return precision === undefined ? ANY : { precision: Number(precision), scale: Number(scale) };
};

/** Minor units as a decimal, exactly. */
export const toDecimalText = (minor: string, currency: Currency): string => {
  const { digits } = CURRENCY_RULES[currency];
  const padded = minor.padStart(digits + 1, '0');
  const fraction = padded.slice(padded.length - digits);
  return digits === 0 ? minor : `${padded.slice(0, padded.length - digits)}.${fraction}`;
};

/** Whether a column holds a decimal as it is. */
export const fits = (decimal: string, { precision, scale }: NumericColumn): boolean => {
  const [whole = '', fraction = ''] = decimal.split('.');
  return !/[1-9]/.test(fraction.slice(scale)) && whole.replace(/^0+/, '').length <= precision - scale;
};
