import { refundable, type Charge } from './refund.ts';

const charge = (amountRefunded: number): Charge => ({
  id: 'ch_1',
  createdAt: new Date(0),
  paymentIntent: 'pi_1',
  amount: 100,
  amountRefunded,
  currency: 'eur',
  paymentMethod: 'pm_card_visa',
  description: null,
  metadata: {},
});

describe('a refund', () => {
  it.each([
    ['refunds everything by default', 0, undefined, 100],
    ['gives back what is left', 40, undefined, 60],
    ['gives back what is asked', 40, 60, 60],
  ])('%s', (_name, refunded, asked, amount) => {
    expect(refundable(charge(refunded), asked)).toBe(amount);
  });

  it.each([
    ['more than is left', 40, 61, { param: 'amount' }],
    ['an amount refunded already', 100, undefined, { code: 'charge_already_refunded' }],
  ])('never gives back %s', (_name, refunded, asked, problem) => {
    expect(refundable(charge(refunded), asked)).toMatchObject(problem);
  });
});
