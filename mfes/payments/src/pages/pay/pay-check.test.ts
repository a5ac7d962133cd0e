import { ProblemError, UnreachableError } from '../../../../../shared/client/problem.ts';
import type { FieldError } from '../../../../../shared/contracts/errors.ts';
import type { UserId } from '../../../../../shared/contracts/ids.ts';
import { checkPay, problemsOfRefusal, rewritten } from './pay-check.ts';
import type { PayInput } from './pay-check.ts';

const PAYEE = { id: `usr_${'0'.repeat(32)}` as UserId, name: 'Vera', email: 'vendor@example.com' };
const GOOD: PayInput = {
  payee: PAYEE,
  amount: '12.34',
  locale: 'en-GB',
  currency: 'EUR',
  paymentMethod: 'pm_card_visa',
  description: '',
};

describe('checking the form', () => {
  it('makes the body that the contract takes, without an empty description', () => {
    expect(checkPay(GOOD).body).toEqual({
      payee: { id: PAYEE.id },
      amountMinor: 1234,
      currency: 'EUR',
      paymentMethod: 'pm_card_visa',
    });
  });

  it.each<[string, Partial<PayInput>, string, RegExp]>([
    ['no payee', { payee: null }, 'payee', /who gets the money/],
    ['three decimals of a euro', { amount: '100.129' }, 'amount', /EUR has 2 decimals, not 3. Do you/],
    ['more than the limit', { amount: '1000000' }, 'amount', /^At most €999,999\.99\.$/],
    ['less than the limit', { amount: '0.49' }, 'amount', /^At least €0\.50\.$/],
    ['a third decimal', { amount: 'KWD 1.234', currency: 'KWD' }, 'amount', /in steps of KWD\s0\.010\.$/],
    ['a third decimal or a thousand', { amount: '1.234', currency: 'KWD' }, 'amount', /0\.010\. Do you/],
    ['two readings', { amount: '1.230', currency: 'KWD' }, 'amount', /in two ways/],
    ['two readings, both too much', { amount: '123456.789', currency: 'KWD' }, 'amount', /^At most/],
    ['a decimal yen', { amount: '100.5', currency: 'JPY' }, 'amount', /JPY has no decimals/],
    ['nothing at all', { amount: '0' }, 'amount', /more than zero/],
    ['no card', { paymentMethod: '' }, 'paymentMethod', /Choose a card/],
    ['an unknown card', { paymentMethod: 'pm_x' }, 'paymentMethod', /not a payment method/],
    ['a long description', { description: 'x'.repeat(501) }, 'description', /at most 500/],
    ['a card number', { description: '4242 4242 4242 4242' }, 'description', /card number/],
  ])('reports %s beside its field only', (_, change, field, message) => {
    const { problems } = checkPay({ ...GOOD, ...change });
    expect(Object.keys(problems ?? {})).toEqual([field]);
    expect(Object.values(problems ?? {})[0]).toMatch(message);
  });
});

describe('the amount in another currency or locale', () => {
  it('stays the number that was typed', () => {
    const input = { ...GOOD, amount: '1,234.50' };
    expect(rewritten(input, { locale: 'de-DE' })).toMatchObject({ amount: '1.234,50', locale: 'de-DE' });
    expect(rewritten(input, { currency: 'KWD' })).toMatchObject({ amount: '1,234.500', currency: 'KWD' });
  });
});

describe('a refusal of the server', () => {
  const refusal = (code: 'invalid_params' | 'payee_unavailable' | 'internal', errors?: FieldError[]) =>
    new ProblemError({
      type: code,
      title: code,
      status: 422,
      detail: 'Because.',
      code,
      requestId: 'r',
      errors,
    });

  it('lands beside the fields that it names', () => {
    const errors = [
      { path: 'payee.email', message: 'must be an e-mail address' },
      { path: 'amountMinor', message: 'is over the limit' },
    ];
    expect(problemsOfRefusal(refusal('invalid_params', errors), 'en-GB')).toEqual({
      payee: 'Must be an e-mail address.',
      amount: 'Is over the limit.',
    });
  });

  it('for a limit names it in the reader’s locale', () => {
    const limit = { amountMinor: 500_000, currency: 'EUR' } as const;
    const errors = [{ path: 'amountMinor', message: 'must be…', code: 'amount_over_limit' as const, limit }];
    expect(problemsOfRefusal(refusal('invalid_params', errors), 'de-DE')).toEqual({
      amount: 'At most 5.000,00\u00a0€.',
    });
  });

  it('lands beside the field that its code is about', () => {
    expect(problemsOfRefusal(refusal('payee_unavailable'), 'en-GB')).toEqual({ payee: 'Because.' });
  });

  it('of no field is about the form', () => {
    expect(problemsOfRefusal(refusal('internal'), 'en-GB')).toEqual({});
    expect(problemsOfRefusal(new UnreachableError('lost'), 'en-GB')).toEqual({});
  });
});
