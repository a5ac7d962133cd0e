import { CURRENCY_RULES, type Currency } from '../../../shared/contracts/currencies.ts';

export type Minor =
  | { minor: number; rounded: boolean }
  | { problem: 'amount_not_a_number' | 'amount_fraction' | 'amount_too_large' };

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * An amount of `numeric` in the currency's minor units; negative ones stay negative. Exact: no float is
 * formed.
 * @param round whether parts of a minor unit are rounded, half away from zero
 */
export const toMinor = (text: string, currency: Currency, round: boolean): Minor => {
  const [, sign, whole = '', fraction = ''] = DECIMAL.exec(text) ?? [];
  if (sign === undefined) return { problem: 'amount_not_a_number' };
  const { digits } = CURRENCY_RULES[currency];
  const kept = fraction.slice(0, digits).padEnd(digits, '0');
  const rest = fraction.slice(digits);
  const isFraction = /[1-9]/.test(rest);
  if (isFraction && !round) return { problem: 'amount_fraction' };
  const size = Number(whole + kept) + (isFraction && rest.charAt(0) >= '5' ? 1 : 0);
  if (!Number.isSafeInteger(size)) return { problem: 'amount_too_large' };
  return { minor: sign === '-' && size !== 0 ? -size : size, rounded: isFraction };
};
