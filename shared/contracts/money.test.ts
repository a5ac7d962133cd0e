import fc from 'fast-check';
import { CURRENCIES, CURRENCY_DIGITS, formatMoney, parseAmount, toDecimal, type Currency } from './money.ts';

describe('parseAmount', () => {
  it.each([
    ['12.34', 'EUR', 1_234],
    ['12', 'EUR', 1_200],
    ['.5', 'EUR', 50],
    ['12,5', 'EUR', 1_250],
    ['1,250', 'EUR', 125_000],
    ["1'250.05", 'CHF', 125_005],
    ['1 250', 'JPY', 1_250],
    ['0.001', 'KWD', 1],
    [' 7 ', 'USD', 700],
  ] as const)('reads %j %s as %d', (text, currency, amountMinor) => {
    expect(parseAmount(text, currency)).toEqual({ amountMinor });
  });

  it.each([
    ['100.129', 'EUR', 'EUR has 2 decimals, not 3.'],
    ['1.5', 'JPY', 'JPY has no decimals.'],
    ['0', 'EUR', 'The amount must be more than zero.'],
    ['-3', 'EUR', 'The amount must be more than zero.'],
    ['', 'EUR', 'Enter an amount.'],
    ['twelve', 'EUR', 'Enter the amount in digits, such as 12.34.'],
    ['1e3', 'EUR', 'Enter the amount in digits, such as 12.34.'],
    ['90071992547409.92', 'EUR', 'This amount is too large.'],
  ] as const)('refuses %j %s', (text, currency, problem) => {
    expect(parseAmount(text, currency)).toEqual({ problem });
  });

  it('gives back every amount that toDecimal writes', () => {
    const money = fc.record({
      amountMinor: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      currency: fc.constantFrom<Currency>(...CURRENCIES),
    });
    fc.assert(
      fc.property(money, ({ amountMinor, currency }) => {
        expect(parseAmount(toDecimal({ amountMinor, currency }), currency)).toEqual({ amountMinor });
      }),
    );
  });
});

describe('formatMoney', () => {
  it('shows the decimals of the currency, exactly, up to the largest amount', () => {
    expect(formatMoney({ amountMinor: 1_234, currency: 'EUR' }, 'en')).toBe('€12.34');
    expect(formatMoney({ amountMinor: 1_234, currency: 'JPY' }, 'en')).toBe('¥1,234');
    const digits = formatMoney({ amountMinor: Number.MAX_SAFE_INTEGER, currency: 'USD' }, 'en').replaceAll(
      /\D/g,
      '',
    );
    expect(digits).toBe(String(Number.MAX_SAFE_INTEGER));
  });

  it('agrees with what the browser knows of each currency', () => {
    for (const currency of CURRENCIES) {
      const known = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
      // CLDR shows some currencies without the decimals that ISO 4217 gives them.
      if (['COP', 'HUF', 'IDR'].includes(currency)) continue;
      expect([currency, known.maximumFractionDigits]).toEqual([currency, CURRENCY_DIGITS[currency]]);
    }
  });
});
