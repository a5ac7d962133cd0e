import fc from 'fast-check';
import { CURRENCIES, CURRENCY_RULES, type Currency } from './currencies.ts';
import { formatMoney, formatNumber, fromDecimal, toDecimal } from './money.ts';

describe('plain decimals', () => {
  it('are the amount that they were written from', () => {
    const money = fc.record({
      amountMinor: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      currency: fc.constantFrom<Currency>(...CURRENCIES),
    });
    fc.assert(
      fc.property(money, ({ amountMinor, currency }) => {
        expect(fromDecimal(toDecimal({ amountMinor, currency }), currency)).toBe(amountMinor);
      }),
    );
  });

  it.each(['', '1,5', '1.234', '-1', '1e3', ' 1', '1.', '9'.repeat(16)])('are not %j', (text) => {
    expect(fromDecimal(text, 'EUR')).toBeNull();
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
      expect([currency, known.maximumFractionDigits]).toEqual([currency, CURRENCY_RULES[currency].digits]);
    }
  });

  it('without the currency has the marks that the locale uses with it', () => {
    const money = { amountMinor: 123_450, currency: 'CHF' } as const;
    expect(formatNumber(money, 'de-DE')).toBe('1.234,50');
    expect(formatNumber(money, 'de-AT')).toBe('1.234,50');
    expect(formatNumber({ amountMinor: 1_234_567, currency: 'INR' }, 'en-IN')).toBe('12,345.67');
  });
});
