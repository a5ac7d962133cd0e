import { CURRENCY_RULES } from '../../../../../shared/contracts/currencies.ts';
import type { Currency } from '../../../../../shared/contracts/currencies.ts';

/** The reader's choice or the last payment's currency, or the one that has replaced it, or the euro. */
export const currencyFrom = (last: Currency | null, payable: readonly Currency[]): Currency => {
  const wanted = last === null ? [] : [last, CURRENCY_RULES[last].ended?.replacedBy];
  return payable.find((code) => wanted.includes(code)) ?? 'EUR';
};
