import type { PaymentId, UserId } from '../../../shared/contracts/ids.ts';
import { PAYMENT_STATUSES } from '../../../shared/contracts/payments.ts';
import type { Payment } from '../../../shared/contracts/payments.ts';
import * as sentences from './sentences.ts';
import * as texts from './texts.ts';

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

describe('the texts of a payment', () => {
  it.each([
    [PAYER.id, 'sent', '-', 'Vera'],
    [PAYEE.id, 'received', '+', 'Cora'],
    [undefined, 'other', null, 'Vera'],
  ] as const)('seen by %s is %s', (reader, direction, sign, counterparty) => {
    expect(texts.directionOf(PAYMENT, reader)).toBe(direction);
    expect(texts.signOf(direction)).toBe(sign);
    expect(texts.counterpartyOf(PAYMENT, direction).name).toBe(counterparty);
  });

  it('say to the payee that the money is theirs', () => {
    expect(sentences.statusSentence(PAYMENT, PAYEE.id)).toBe('You have the money.');
    expect(sentences.statusSentence(PAYMENT, PAYER.id)).toBe('Vera has the money.');
  });

  it('that failed has a sentence for its code, and for a code that is not in the table', () => {
    const failed: Payment = { ...PAYMENT, status: 'failed' };
    expect(sentences.failureSentence({ ...failed, failure: { code: 'expired_card' } })).toBe(
      'Your card has expired.',
    );
    expect(sentences.failureSentence({ ...failed, failure: { code: 'brand_new' } })).toBe(
      'The payment could not be made.',
    );
    expect(sentences.failureSentence(failed)).toBe('The payment could not be made.');
    expect(sentences.failureSentence(PAYMENT)).toBeNull();
  });

  it.each(PAYMENT_STATUSES)('exist for %s', (status) => {
    expect(sentences.statusSentence({ ...PAYMENT, status })).toMatch(/\.$/);
    expect(texts.STATUS_LABELS[status]).toMatch(/^[A-Z]/);
  });
});
