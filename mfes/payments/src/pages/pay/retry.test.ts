import type { PaymentId, UserId } from '../../../../../shared/contracts/ids.ts';
import type { Payment } from '../../../../../shared/contracts/payments.ts';
import { againLabel } from '../../sentences.ts';
import { retryOf } from './retry.ts';

const PAYER = { id: 'usr_1' as UserId, name: 'Cora', email: 'customer@example.com' };
const PAYEE = { id: 'usr_2' as UserId, name: 'Vera', email: 'vendor@example.com' };
const FAILED: Payment = {
  id: 'pay_1' as PaymentId,
  status: 'failed',
  amountMinor: 1_234,
  currency: 'EUR',
  payer: PAYER,
  payee: PAYEE,
  paymentMethod: 'pm_card_chargeDeclined',
  description: 'Two chairs',
  metadata: {},
  failure: { code: 'generic_decline' },
  version: 2,
  createdAt: '2026-11-23T09:30:00.000Z',
  updatedAt: '2026-11-23T09:30:02.000Z',
};

describe('another attempt at a failed payment', () => {
  it('keeps all but the card that was declined', () => {
    expect(retryOf(FAILED, PAYER.id, 'en-GB')).toEqual({
      input: {
        payee: PAYEE,
        amount: '12.34',
        locale: 'en-GB',
        currency: 'EUR',
        paymentMethod: '',
        description: 'Two chairs',
      },
      why: 'Your card was declined.',
      needsOtherCard: true,
    });
    expect(againLabel(FAILED)).toBe('Use another card');
  });

  it('keeps a card that was not the reason', () => {
    const failed = { ...FAILED, paymentMethod: 'pm_card_visa', failure: { code: 'processor_error' } };
    expect(retryOf(failed, PAYER.id, 'en-GB')).toMatchObject({
      input: { paymentMethod: 'pm_card_visa' },
      needsOtherCard: false,
    });
    expect(againLabel(failed)).toBe('Try again');
  });

  it('is not made of a payment that has not failed, or that another user made', () => {
    expect(retryOf({ ...FAILED, status: 'completed', failure: null }, PAYER.id, 'en-GB')).toBeNull();
    expect(retryOf(FAILED, PAYEE.id, 'en-GB')).toBeNull();
    expect(retryOf(FAILED, undefined, 'en-GB')).toBeNull();
  });
});
