import { amountsOf, limitProblems, linesOf } from './limits.ts';

const LOCALE = 'en-GB';

it('shows largest amounts as they are typed, and reads them back', () => {
  const amounts = { EUR: 500_000, JPY: 9_000, KWD: 1_500_000 };
  const lines = linesOf(amounts, LOCALE);
  expect(lines.map(({ currency, text }) => `${currency} ${text}`)).toEqual([
    'EUR 5,000.00',
    'JPY 9,000',
    'KWD 1,500.000',
  ]);
  expect(limitProblems(lines, LOCALE)).toEqual({});
  expect(amountsOf(lines, LOCALE)).toEqual(amounts);
});

it.each([
  ['', 'Fill this in, or remove the currency.'],
  ['abc', expect.any(String)],
  ['0.10', 'No payment is less than €0.50.'],
  ['1000000', 'No payment is more than €999,999.99 anyway.'],
])('says beside the field what is wrong with %j', (text, problem) => {
  expect(limitProblems([{ currency: 'EUR', text }], LOCALE)).toEqual({ 'value.EUR': problem });
});
