import fc from 'fast-check';
import { CURRENCIES, CURRENCY_RULES, type Currency } from '../contracts/currencies.ts';
import { formatMoney } from '../contracts/money.ts';
import { amountText, parseAmount } from '../contracts/typed-amounts.ts';
import { groupTyped, type Typed } from './amount-typing.ts';

const EMPTY: Typed = { text: '', grouped: false };

/** Types at the end, key by key; `<` deletes to the left. */
const typedAtEnd = (keys: string, currency: Currency, locale: string, from = EMPTY): Typed =>
  [...keys].reduce((before, key) => {
    const text = key === '<' ? before.text.slice(0, -1) : before.text + key;
    return groupTyped(before, { text, caret: text.length, forward: false }, currency, locale);
  }, from);

describe('typing at the end', () => {
  it.each([
    ['1234', 'EUR', 'en-US', '1,234'],
    ['1234567.5', 'EUR', 'en-US', '1,234,567.5'],
    ['1234,5', 'EUR', 'de-DE', '1.234,5'],
    ['1234567', 'INR', 'en-IN', '12,34,567'],
    ['12345,678', 'TND', 'fr-TN', '12\u202f345,678'],
    ['1234', 'EUR', 'es-ES', '1234'],
    ['12345', 'EUR', 'es-ES', '12.345'],
    ['1234', 'JPY', 'ja-JP', '1,234'],
    ['١٢٣٤٫٥', 'EGP', 'ar-EG', '١٬٢٣٤٫٥'],
    ['1234', 'EGP', 'ar-EG', '1٬234'],
    ['12345', 'EUR', 'de-CH', formatMoney({ amountMinor: 1_234_500, currency: 'EUR' }, 'de-CH').slice(4, 10)],
  ] as const)('groups %s %s in %s', (keys, currency, locale, text) => {
    expect(typedAtEnd(keys, currency, locale).text).toBe(text);
  });

  it.each([
    // A full stop in German before one digit can only be a decimal mark, and stays one.
    ['1.5', 'EUR', 'de-DE', '1.5'],
    ['1234.5', 'EUR', 'de-DE', '1234.5'],
    ['1,250', 'EUR', 'en-US', '1,250'],
    ['$12', 'USD', 'en-US', '$12'],
    ['0012', 'EUR', 'en-US', '0012'],
    ['12 500', 'EUR', 'en-US', '12 500'],
  ] as const)('leaves %s %s in %s as it is meant', (keys, currency, locale, text) => {
    expect(typedAtEnd(keys, currency, locale).text).toBe(text);
  });

  it('groups again after a deletion: what is left of 1,234 is never 1.23', () => {
    expect(typedAtEnd('1234<', 'EUR', 'en-US').text).toBe('123');
    expect(typedAtEnd('12345<<', 'EUR', 'de-DE').text).toBe('123');
    expect(typedAtEnd('1234.<<', 'EUR', 'de-DE').text).toBe('123');
  });

  it('never changes what keys without a mark but the decimal one mean', () => {
    const input = fc.record({
      whole: fc.stringMatching(/^[1-9]\d{0,10}$/),
      fraction: fc.stringMatching(/^\d{0,3}$/),
      currency: fc.constantFrom(...CURRENCIES),
      locale: fc.constantFrom('en-US', 'de-DE', 'fr-TN', 'es-ES', 'hi-IN', 'de-CH', 'sv-SE', 'ar-TN'),
    });
    fc.assert(
      fc.property(input, ({ whole, fraction, currency, locale }) => {
        const { digits } = CURRENCY_RULES[currency];
        const decimals = fraction.slice(0, digits);
        const [, decimal = ''] = /1(\D)2$/.exec(amountText(12 * 10 ** (digits - 1), 'EUR', locale)) ?? [];
        const keys = decimals && decimal ? whole + decimal + decimals : whole;
        const meant = parseAmount(keys, currency, locale);
        expect(parseAmount(typedAtEnd(keys, currency, locale).text, currency, locale)).toEqual(meant);
      }),
    );
  });
});

describe('a change inside the text', () => {
  const before: Typed = { text: '1,234,567', grouped: true };
  const change = (text: string, caret: number, forward = false) =>
    groupTyped(before, { text, caret, forward }, 'EUR', 'en-US');

  it('keeps the caret after the same digit', () => {
    expect(change('1,2934,567', 4)).toMatchObject({ text: '12,934,567', caret: 4 });
    expect(change('1,24,567', 3)).toMatchObject({ text: '124,567', caret: 2 });
  });

  it('that deletes a mark moves the caret over it', () => {
    expect(change('1234,567', 1)).toMatchObject({ text: '1,234,567', caret: 1 });
    expect(change('1234,567', 1, true)).toMatchObject({ text: '1,234,567', caret: 2 });
  });

  it('that replaces all of it begins from the start', () => {
    expect(change('5', 1)).toMatchObject({ text: '5', caret: 1 });
    expect(change('1.234,50', 8)).toEqual({ text: '1.234,50', grouped: false, caret: 8 });
  });
});
