import {
  brokenLimit,
  CURRENCIES,
  CURRENCY_RULES,
  isPayable,
  payableCurrencies,
  type Currency,
} from './currencies.ts';

const digitsOf = (amount: number): number => String(amount).length;

describe('the currencies', () => {
  it('have limits that cards can be charged with', () => {
    for (const code of CURRENCIES) {
      const { digits, minMinor, maxMinor, stepMinor } = CURRENCY_RULES[code];
      expect([code, minMinor % stepMinor, maxMinor % stepMinor]).toEqual([code, 0, 0]);
      expect([code, digitsOf(maxMinor)]).toEqual([code, code === 'IDR' ? 12 : 8]);
      expect([code, stepMinor]).toEqual([code, digits === 3 ? 10 : 1]);
      expect(minMinor).toBeLessThan(maxMinor);
    }
  });

  it('are payable until the day on which they end, in UTC', () => {
    expect(payableCurrencies(new Date('2025-12-31T23:59:59.999Z'))).toEqual(CURRENCIES);
    const now = payableCurrencies(new Date('2026-01-01T00:00:00.000Z'));
    expect(CURRENCIES.filter((code) => !now.includes(code))).toEqual(['BGN']);
  });

  it('are payable from the day on which they begin', () => {
    const rules = { from: '2027-01-01' };
    expect(isPayable(rules, new Date('2026-12-31T23:59:59.999Z'))).toBe(false);
    expect(isPayable(rules, new Date('2027-01-01T00:00:00.000Z'))).toBe(true);
  });

  it('that have ended name a currency that replaces them', () => {
    const ended = CURRENCIES.flatMap((code) => CURRENCY_RULES[code].ended ?? []);
    for (const { on, replacedBy } of ended) {
      expect(on).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(CURRENCY_RULES[replacedBy as Currency].ended).toBeUndefined();
    }
  });
});

describe('an amount', () => {
  it.each([
    [50, 'EUR', null],
    [49, 'EUR', { code: 'amount_under_limit', limitMinor: 50 }],
    [99_999_999, 'EUR', null],
    [100_000_000, 'EUR', { code: 'amount_over_limit', limitMinor: 99_999_999 }],
    [17_499, 'HUF', { code: 'amount_under_limit', limitMinor: 17_500 }],
    [999_999_999_999, 'IDR', null],
    [1_234, 'KWD', { code: 'amount_step', limitMinor: 10 }],
    [99_999_990, 'KWD', null],
    [1, 'VND', null],
  ] as const)('of %d in %s breaks %j', (amountMinor, code, broken) => {
    expect(brokenLimit(amountMinor, code)).toEqual(broken);
  });
});
