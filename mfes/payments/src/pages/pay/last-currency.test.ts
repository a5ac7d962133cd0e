import { payableCurrencies } from '../../../../../shared/contracts/currencies.ts';
import { currencyFrom } from './last-currency.ts';

test.each([
  ['USD', 'USD'],
  ['BGN', 'EUR'],
] as const)('after a last payment in %j the form starts with %s', (last, currency) => {
  expect(currencyFrom(last, payableCurrencies(new Date('2026-11-29T00:00:00Z')))).toBe(currency);
});

test('the lev is offered while it is one', () => {
  expect(currencyFrom('BGN', payableCurrencies(new Date('2025-12-31T00:00:00Z')))).toBe('BGN');
});
