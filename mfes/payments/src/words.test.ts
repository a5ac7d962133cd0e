import { CURRENCIES, parseAmount } from '../../../shared/contracts/money.ts';
import type { PaymentId, UserId } from '../../../shared/contracts/ids.ts';
import { PAYMENT_STATUSES } from '../../../shared/contracts/payments.ts';
import type { Payment } from '../../../shared/contracts/payments.ts';
import * as words from './words.ts';

const PAYER = { id: `usr_${'1'.repeat(32)}` as UserId, name: 'Cora', email: 'customer@example.com' };
const PAYEE = { id: `usr_${'2'.repeat(32)}` as UserId, name: 'Vera', email: 'vendor@example.com' };
const PAYMENT: Payment = {
  id: `pay_${'3'.repeat(32)}` as PaymentId,
  status: 'completed',
  amountMinor: 1234,
  currency: 'EUR',
  payer: PAYER,
  payee: PAYEE,
  paymentMethod: 'pm_card_visa',
  description: null,
  metadata: {},
  failure: null,
  version: 3,
  createdAt: '2026-11-23T09:30:00.000Z',
  updatedAt: '2026-11-23T09:30:02.000Z',
};

describe('a payment in words', () => {
  it.each([
    [PAYER.id, 'sent', '-', 'Vera'],
    [PAYEE.id, 'received', '+', 'Cora'],
    [undefined, 'other', null, 'Vera'],
  ] as const)('seen by %s is %s', (reader, direction, sign, counterparty) => {
    expect(words.directionOf(PAYMENT, reader)).toBe(direction);
    expect(words.signOf(direction)).toBe(sign);
    expect(words.counterpartyOf(PAYMENT, direction).name).toBe(counterparty);
  });

  it('tells the payee that the money is theirs', () => {
    expect(words.statusSentence(PAYMENT, PAYEE.id)).toBe('You have the money.');
    expect(words.statusSentence(PAYMENT, PAYER.id)).toBe('Vera has the money.');
  });

  it('that failed says why in a whole sentence, also when nobody knows why', () => {
    const failed: Payment = { ...PAYMENT, status: 'failed' };
    const declined = { code: 'card_declined', message: 'The card was declined' };
    expect(words.failureSentence({ ...failed, failure: declined })).toBe('The card was declined.');
    expect(words.failureSentence(failed)).toBe('The payment could not be made.');
    expect(words.failureSentence(PAYMENT)).toBeNull();
  });

  it.each(PAYMENT_STATUSES)('has words for %s', (status) => {
    expect(words.statusSentence({ ...PAYMENT, status })).toMatch(/\.$/);
    expect(words.STATUS_WORDS[status]).toMatch(/^[A-Z]/);
  });
});

describe('the example of an amount', () => {
  it.each(CURRENCIES)('can be typed as it stands in %s', (code) => {
    expect(parseAmount(words.amountExample(code), code)).toHaveProperty('amountMinor');
  });
});
