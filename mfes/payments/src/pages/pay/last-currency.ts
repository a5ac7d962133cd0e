import { CURRENCY_RULES } from '../../../../../shared/contracts/currencies.ts';
import type { Currency } from '../../../../../shared/contracts/currencies.ts';

const STORAGE_KEY = 'payloom-currency';

/** The stored currency, or the one that has replaced it since, or the euro. */
export const currencyFrom = (stored: string | null, payable: readonly Currency[]): Currency => {
  const known = stored !== null && Object.hasOwn(CURRENCY_RULES, stored) ? (stored as Currency) : 'EUR';
  const wanted = [known, CURRENCY_RULES[known].ended?.replacedBy];
  return payable.find((code) => wanted.includes(code)) ?? 'EUR';
};

/** The currency of this browser's last payment. */
export const lastCurrency = (payable: readonly Currency[]): Currency => {
  try {
    return currencyFrom(localStorage.getItem(STORAGE_KEY), payable);
  } catch {
    return currencyFrom(null, payable);
  }
};

export const rememberCurrency = (code: Currency): void => {
  try {
    localStorage.setItem(STORAGE_KEY, code);
  } catch {
    // A browser that keeps nothing starts with the first choice again.
  }
};
