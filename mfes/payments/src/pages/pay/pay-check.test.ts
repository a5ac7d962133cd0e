import { ProblemError, UnreachableError } from '../../../../../shared/client/problem.ts';
import type { FieldError } from '../../../../../shared/contracts/errors.ts';
import type { UserId } from '../../../../../shared/contracts/ids.ts';
import { checkPay, problemsOfRefusal } from './pay-check.ts';
import type { PayInput } from './pay-check.ts';

const PAYEE = { id: `usr_${'0'.repeat(32)}` as UserId, name: 'Vera', email: 'vendor@example.com' };
const GOOD: PayInput = {
  payee: PAYEE,
  amount: '12.34',
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
    ['three decimals of a euro', { amount: '100.129' }, 'amount', /EUR has 2 decimals, not 3/],
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
    expect(problemsOfRefusal(refusal('invalid_params', errors))).toEqual({
      payee: 'Must be an e-mail address.',
      amount: 'Is over the limit.',
    });
  });

  it('lands beside the field that its code is about', () => {
    expect(problemsOfRefusal(refusal('payee_unavailable'))).toEqual({ payee: 'Because.' });
  });

  it('of no field is about the form', () => {
    expect(problemsOfRefusal(refusal('internal'))).toEqual({});
    expect(problemsOfRefusal(new UnreachableError('lost'))).toEqual({});
  });
});
