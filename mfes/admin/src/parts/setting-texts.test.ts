import { amountDifferences, askedText, changeIn, doneText, valueText } from './setting-texts.ts';

const LOCALE = 'en-GB';

it.each([
  [{ key: 'paymentsStopped', before: false, after: true }, 'stop new payments', 'stopped new payments'],
  [
    { key: 'paymentsStopped', before: true, after: false },
    'start new payments again',
    'started new payments again',
  ],
  [{ key: 'signUpsStopped', before: false, after: true }, 'close sign-ups', 'closed sign-ups'],
  [
    { key: 'largestAmounts', before: { EUR: 50_000 }, after: { EUR: 100_000, JPY: 900 } },
    'change the largest amounts: EUR from €500.00 to €1,000.00, JPY from JP¥99,999,999 to JP¥900',
    'changed the largest amounts: EUR from €500.00 to €1,000.00, JPY from JP¥99,999,999 to JP¥900',
  ],
] as const)('%j says what is asked for and what was done', (change, asked, done) => {
  expect([askedText(change, LOCALE), doneText(change, LOCALE)]).toEqual([asked, done]);
});

it('a limit that is given up is a change to that of the currency itself', () => {
  expect(amountDifferences({ KWD: 1_000, EUR: 5 }, { EUR: 5 })).toEqual([
    { currency: 'KWD', before: 1_000, after: 99_999_990 },
  ]);
});

it('says what is in force', () => {
  expect(valueText('paymentsStopped', true, LOCALE)).toBe('New payments are stopped.');
  expect(valueText('largestAmounts', {}, LOCALE)).toBe('No largest amounts are set.');
  expect(valueText('largestAmounts', { USD: 100, EUR: 50_000 }, LOCALE)).toBe('Set are €500.00, US$1.00.');
});

it('reads a change from an entry of the audit log, and none from another entry', () => {
  expect(changeIn({ value: true }, { key: 'signUpsStopped', value: false })).toEqual({
    key: 'signUpsStopped',
    before: true,
    after: false,
  });
  expect(changeIn(null, { key: 'largestAmounts', before: {}, value: { EUR: 5 } })?.before).toEqual({});
  expect(changeIn(null, { key: 'somethingElse', value: 1 })).toBeNull();
  expect(changeIn(null, null)).toBeNull();
});
