import fc from 'fast-check';
import { loosens, SETTINGS, type LargestAmounts } from './admin/settings.ts';
import { brokenLimit, CURRENCIES, CURRENCY_RULES, type Currency } from './currencies.ts';

const amountOf = (code: Currency) => {
  const { minMinor, maxMinor, stepMinor } = CURRENCY_RULES[code];
  return fc.integer({ min: minMinor / stepMinor, max: maxMinor / stepMinor }).map((n) => n * stepMinor);
};
const amounts: fc.Arbitrary<LargestAmounts> = fc.record(
  Object.fromEntries(CURRENCIES.map((code) => [code, amountOf(code)])),
  { requiredKeys: [] },
);
const isPayable = (amountMinor: number, code: Currency, largest: LargestAmounts): boolean =>
  brokenLimit(amountMinor, code, largest[code]) === null;

const ROWS: [key: 'paymentsStopped' | 'signUpsStopped', before: boolean, after: boolean, loosens: boolean][] =
  [
    ['paymentsStopped', false, true, false],
    ['paymentsStopped', true, false, true],
    ['signUpsStopped', false, true, false],
    ['signUpsStopped', true, false, true],
  ];
it.each(ROWS)('%s from %s to %s gives something back: %s', (key, before, after, expected) => {
  expect(loosens(key, before, after)).toBe(expected);
});

const LIMITS: [before: LargestAmounts, after: LargestAmounts, loosens: boolean][] = [
  [{}, { EUR: 5_000 }, false],
  [{ EUR: 5_000 }, {}, true],
  [{ EUR: 5_000 }, { EUR: 4_999 }, false],
  [{ EUR: 5_000 }, { EUR: 5_001 }, true],
  [{ EUR: 5_000, USD: 100 }, { EUR: 50, USD: 101 }, true],
  [{ EUR: 5_000 }, { EUR: 5_000, USD: 5_000 }, false],
  [{ EUR: CURRENCY_RULES.EUR.maxMinor }, {}, false],
];
it.each(LIMITS)('largest amounts from %j to %j give something back: %s', (before, after, expected) => {
  expect(loosens('largestAmounts', before, after)).toBe(expected);
});

it('a change takes effect at once exactly if no amount can be paid after it that could not before', () => {
  fc.assert(
    fc.property(amounts, amounts, (before, after) => {
      const gives = CURRENCIES.some((code) => {
        const largest = Math.min(after[code] ?? Infinity, CURRENCY_RULES[code].maxMinor);
        return isPayable(largest, code, after) && !isPayable(largest, code, before);
      });
      expect(loosens('largestAmounts', before, after)).toBe(gives);
    }),
  );
});

it('a change and its opposite never both take effect at once', () => {
  fc.assert(
    fc.property(amounts, amounts, (before, after) => {
      const same = CURRENCIES.every(
        (code) =>
          (before[code] ?? CURRENCY_RULES[code].maxMinor) === (after[code] ?? CURRENCY_RULES[code].maxMinor),
      );
      const either = loosens('largestAmounts', before, after) || loosens('largestAmounts', after, before);
      expect(either).toBe(!same);
    }),
  );
});

it('a largest amount is one that can be paid', () => {
  fc.assert(
    fc.property(amounts, (given) => {
      expect(SETTINGS.largestAmounts.schema.safeParse(given).success).toBe(true);
    }),
  );
});
