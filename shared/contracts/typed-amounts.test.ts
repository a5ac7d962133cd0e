import fc from 'fast-check';
import { CURRENCIES, CURRENCY_RULES, type Currency } from './currencies.ts';
import { formatMoney, toDecimal } from './money.ts';
import { amountExample, amountText, parseAmount, retypedAmount } from './typed-amounts.ts';

/** Every way of writing numbers that the locales of CLDR have. */
const LOCALES = (
  'en-US en-GB en-IN en-ZA de-DE de-AT de-CH fr-FR fr-TN fr-CH it-IT es-ES es-MX pt-BR pt-PT pl-PL cs-CZ ' +
  'sv-SE da-DK nl-NL tr-TR bg-BG hu-HU ar-EG ar-AE ar-TN ar-KW he-IL fa-IR hi-IN bn-BD mr-IN ne-NP my-MM ' +
  'th-TH ja-JP zh-CN ko-KR id-ID vi-VN'
).split(' ');

const amounts = fc.record({
  amountMinor: fc.oneof(
    fc.integer({ min: 1, max: 9_999_999 }),
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  ),
  currency: fc.constantFrom<Currency>(...CURRENCIES),
  locale: fc.constantFrom(...LOCALES),
});

describe('what pages show', () => {
  it('is read as the amount that it shows, in every locale and currency', () => {
    for (const locale of LOCALES) {
      for (const currency of CURRENCIES) {
        for (const amountMinor of [1, 1_230, 1_234, 1_234_567]) {
          const shown = formatMoney({ amountMinor, currency }, locale);
          expect([locale, shown, parseAmount(shown, currency, locale)]).toEqual([
            locale,
            shown,
            { amountMinor },
          ]);
        }
      }
    }
    fc.assert(
      fc.property(amounts, ({ amountMinor, currency, locale }) => {
        const shown = formatMoney({ amountMinor, currency }, locale);
        expect(parseAmount(shown, currency, locale)).toEqual({ amountMinor });
        expect(parseAmount(`+${shown}`, currency, locale)).toEqual({ amountMinor });
      }),
    );
  });

  it('in a field is read as the amount that it shows', () => {
    fc.assert(
      fc.property(amounts, ({ amountMinor, currency, locale }) => {
        const text = amountText(amountMinor, currency, locale);
        expect([text, parseAmount(text, currency, locale)]).toEqual([text, { amountMinor }]);
      }),
    );
  });

  it('as an example can be typed as it stands', () => {
    for (const locale of LOCALES) {
      for (const currency of CURRENCIES) {
        const example = amountExample(currency, locale);
        expect([example, parseAmount(example, currency, locale)]).toEqual([
          example,
          { amountMinor: expect.any(Number) as number },
        ]);
      }
    }
  });
});

describe('a typed amount', () => {
  it.each([
    ['12.34', 'EUR', 'en-US', 1_234],
    ['12', 'EUR', 'en-US', 1_200],
    ['.5', 'EUR', 'en-US', 50],
    ['12,5', 'EUR', 'en-US', 1_250],
    [' 7 ', 'USD', 'en-US', 700],
    ['1,250', 'EUR', 'en-US', 125_000],
    ['1,234', 'KWD', 'en-US', 1_234_000],
    ['1.250', 'EUR', 'de-DE', 125_000],
    ['12,500', 'TND', 'fr-TN', 12_500],
    ['12,500', 'TND', 'ar-TN', 12_500],
    ['1 250', 'JPY', 'en-US', 1_250],
    ['15.00', 'JPY', 'en-US', 15],
    ['0.001', 'KWD', 'en-US', 1],
    ['0,125', 'KWD', 'de-DE', 125],
  ] as const)('%j %s in %s is %d', (text, currency, locale, amountMinor) => {
    expect(parseAmount(text, currency, locale)).toEqual({ amountMinor });
  });

  it.each([
    ['1.234,50', 'EUR', 123_450],
    ['1,234.50', 'EUR', 123_450],
    ['1.234.567', 'EUR', 123_456_700],
    ['12,34,567.5', 'INR', 123_456_750],
    ['1 234,567', 'KWD', 1_234_567],
    ['1\u00a0234,5', 'EUR', 123_450],
    ['1\u202f234,5', 'EUR', 123_450],
    ['1\u2009234,5', 'EUR', 123_450],
    ["1'234.50", 'CHF', 123_450],
    ['1’234.50', 'CHF', 123_450],
    ['١٬٢٣٤٫٥٠', 'EGP', 123_450],
    ['१,२३,४५६.५', 'INR', 12_345_650],
    ['১২.৫০', 'INR', 1_250],
    ['１２３４', 'JPY', 1_234],
    ['\u200f\u200e12.50', 'ILS', 1_250],
    ['€12.34', 'EUR', 1_234],
    ['12,34 €', 'EUR', 1_234],
    ['12.34 eur', 'EUR', 1_234],
    ['1234.567', 'KWD', 1_234_567],
    // A dash in the place of decimals.
    ['5,-', 'EUR', 500],
    ['5.–', 'CHF', 500],
    ['12,— €', 'EUR', 1_200],
    ['1.234,--', 'EUR', 123_400],
    ['500,-', 'JPY', 500],
  ] as const)('%j %s says itself what it means, in every locale', (text, currency, amountMinor) => {
    for (const locale of LOCALES) {
      expect([locale, parseAmount(text, currency, locale)]).toEqual([locale, { amountMinor }]);
    }
  });

  it.each([
    ['1,234', 'KWD', 'de-DE', [1_234_000, 1_234]],
    ['1.234', 'KWD', 'en-US', [1_234_000, 1_234]],
    ['KWD 1,234', 'KWD', 'de-DE', [1_234_000, 1_234]],
    ['1,234', 'KWD', 'ar-EG', [1_234_000, 1_234]],
    ['12,500', 'TND', 'fr-FR', [12_500_000, 12_500]],
    ['1.000', 'JPY', 'en-US', [1_000, 1]],
    ['1.230', 'EUR', 'en-US', [123_000, 123]],
    ['1.234', 'EUR', 'en-US', [123_400]],
    ['1.234', 'EUR', 'fr-FR', [123_400]],
  ] as const)('%j %s in %s is asked, not guessed', (text, currency, locale, readings) => {
    expect(parseAmount(text, currency, locale)).toMatchObject({ kind: 'ambiguous', readings });
  });

  it.each([
    ['100.1299', 'EUR', 'en', 'EUR has 2 decimals, not 4.'],
    ['1000,129', 'EUR', 'de', 'EUR has 2 decimals, not 3.'],
    ['1.5', 'JPY', 'en', 'JPY has no decimals.'],
    ['0', 'EUR', 'en', 'The amount must be more than zero.'],
    ['-3', 'EUR', 'en', 'The amount must be more than zero.'],
    ['−€12.34', 'EUR', 'en', 'The amount must be more than zero.'],
    ['', 'EUR', 'en', 'Enter an amount.'],
    ['twelve', 'EUR', 'en', 'Enter the amount in digits, such as 12.34.'],
    ['zwölf', 'EUR', 'de', 'Enter the amount in digits, such as 12,34.'],
    ['1e3', 'KWD', 'de', 'Enter the amount in digits, such as 12,34.'],
    ['12 34', 'EUR', 'en', 'Enter the amount in digits, such as 12.34.'],
    ['1,,2', 'EUR', 'en', 'Enter the amount in digits, such as 12.34.'],
    ['1.2,3.4', 'EUR', 'en', 'Enter the amount in digits, such as 12.34.'],
    ['.', 'EUR', 'ar-EG', 'Enter the amount in digits, such as ١٢٫٣٤.'],
    ['1'.repeat(101), 'EUR', 'en', 'Enter the amount in digits, such as 12.34.'],
    ['$12', 'EUR', 'en', 'Enter the amount in EUR, or choose another currency.'],
    ['12 USD', 'EUR', 'en', 'Enter the amount in EUR, or choose another currency.'],
  ] as const)('%j %s in %s is refused', (text, currency, locale, problem) => {
    expect(parseAmount(text, currency, locale)).toEqual({ kind: 'invalid', problem });
  });

  it('beyond exact numbers is too large', () => {
    const problem = 'This amount is too large.';
    expect(parseAmount('90071992547409.92', 'EUR', 'en')).toEqual({ kind: 'too_large', problem });
  });

  it('in plain decimals, of a currency with fewer than three, is never another amount', () => {
    fc.assert(
      fc.property(amounts, ({ amountMinor, currency, locale }) => {
        fc.pre(CURRENCY_RULES[currency].digits < 3);
        const reading = parseAmount(toDecimal({ amountMinor, currency }), currency, locale);
        if ('amountMinor' in reading) expect(reading.amountMinor).toBe(amountMinor);
        else expect(reading).toMatchObject({ kind: 'ambiguous' });
      }),
    );
  });
});

describe('a typed amount in another currency or locale', () => {
  const de = { currency: 'EUR', locale: 'de-DE' } as const;
  it.each([
    ['1.234,50', { ...de, locale: 'en-US' }, '1,234.50'],
    ['1,5', { ...de, currency: 'KWD' }, '1,50'],
    ['1.500,00', { ...de, currency: 'JPY' }, '1.500'],
    ['1,50', { ...de, currency: 'JPY' }, '1,50'],
    ['1,234', { ...de, currency: 'KWD' }, '1,234'],
    ['x', { ...de, currency: 'JPY' }, 'x'],
  ] as const)('is the same number: %j', (text, to, expected) => {
    expect(retypedAmount(text, de, to)).toBe(expected);
  });
});
