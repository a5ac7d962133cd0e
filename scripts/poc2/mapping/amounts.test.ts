import fc from 'fast-check';
import { CURRENCIES, CURRENCY_RULES } from '../../../shared/contracts/currencies.ts';
import { toDecimal } from '../../../shared/contracts/money.ts';
import { toMinor } from './amounts.ts';

it.each([
  ['100.10', 'USD', 10_010],
  ['0.07', 'EUR', 7],
  ['-25.00', 'GBP', -2_500],
  ['1250.00', 'JPY', 1_250],
  ['1.25', 'KWD', 1_250],
  ['99999999.99', 'KWD', 99_999_999_990],
  ['-0.00', 'USD', 0],
] as const)('%s %s is %d minor units', (text, currency, minor) => {
  expect(toMinor(text, currency, false)).toEqual({ minor, rounded: false });
});

it.each([
  ['1250.50', 'JPY', 1_251],
  ['1250.49', 'JPY', 1_250],
  ['-0.50', 'JPY', -1],
  ['0.01', 'KRW', 0],
] as const)('%s %s is refused, or %d when it may be rounded', (text, currency, minor) => {
  expect(toMinor(text, currency, false)).toEqual({ problem: 'amount_fraction' });
  expect(toMinor(text, currency, true)).toEqual({ minor, rounded: true });
});

it.each(['NaN', 'Infinity', '', '1e5', '1,00'])('"%s" is no amount', (text) => {
  expect(toMinor(text, 'USD', true)).toEqual({ problem: 'amount_not_a_number' });
});

it('an amount beyond what a number holds exactly is refused', () => {
  expect(toMinor('90071992547409.93', 'USD', false)).toEqual({ problem: 'amount_too_large' });
});

it('what a currency can write comes back as it was', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CURRENCIES),
      fc.integer({ min: 1, max: 9_999_999_999 }),
      (currency, minor) => {
        const text = toDecimal({ amountMinor: minor, currency });
        expect(toMinor(text, currency, false)).toEqual({ minor, rounded: false });
        expect(CURRENCY_RULES[currency].digits).toBe(text.split('.')[1]?.length ?? 0);
      },
    ),
  );
});
