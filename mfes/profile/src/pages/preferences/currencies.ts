import { payableCurrencies } from '../../../../../shared/contracts/currencies.ts';
import type { Option } from './zones.ts';

/** The currencies in which can be paid now, by code, with their English names. */
export const currencyOptions = (at: Date): Option[] => {
  const names = new Intl.DisplayNames(['en'], { type: 'currency' });
  const all = payableCurrencies(at)
    .toSorted()
    .map((code) => ({ value: code, label: `${code} · ${names.of(code)}` }));
  return [{ value: '', label: 'That of the last payment' }, ...all];
};
