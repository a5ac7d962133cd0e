import { CURRENCIES, CURRENCY_RULES, type Currency } from '../../../shared/contracts/currencies.ts';
import { fromStripeAmount, toStripeAmount } from './minor-units.ts';

describe('minor units', () => {
  it.each<[number, Currency, number]>([
    [1_234, 'EUR', 1_234],
    [500, 'JPY', 500],
    [500, 'CLP', 500],
    [1_000, 'COP', 1_000],
    [1_000, 'HUF', 1_000],
    [1_000, 'IDR', 1_000],
    [5_120, 'KWD', 5_120],
  ])('%i of %s is %i at Stripe', (amountMinor, currency, amount) => {
    expect(toStripeAmount({ amountMinor, currency })).toEqual({ amount, currency: currency.toLowerCase() });
  });

  it.each(CURRENCIES.filter((code) => CURRENCY_RULES[code].digits === 3))(
    'a third decimal of %s that is not 0 is refused, never rounded',
    (currency) => {
      expect(toStripeAmount({ amountMinor: 5_124, currency })).toEqual({
        refused: expect.stringContaining(currency) as string,
      });
    },
  );

  it.each(CURRENCIES)('%s comes back as it went', (currency) => {
    const there = toStripeAmount({ amountMinor: 123_450, currency });
    if ('refused' in there) throw new Error(there.refused);
    expect(fromStripeAmount(there)).toEqual({ amountMinor: 123_450, currency });
  });

  it.each(CURRENCIES)(
    '%s can be charged at both its limits, which have the digits that Stripe takes',
    (currency) => {
      const { minMinor, maxMinor } = CURRENCY_RULES[currency];
      for (const amountMinor of [minMinor, maxMinor]) {
        const there = toStripeAmount({ amountMinor, currency });
        if ('refused' in there) throw new Error(there.refused);
        expect(String(there.amount).length).toBeLessThanOrEqual(currency === 'IDR' ? 12 : 8);
      }
    },
  );

  it('an unknown currency from the processor is not money', () => {
    expect(fromStripeAmount({ amount: 1, currency: 'xts' })).toBeNull();
  });
});
