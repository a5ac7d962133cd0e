import { PAYMENT_STATUSES } from '../../../shared/contracts/payments.ts';
import { after, isTerminal, PAYMENT_TRANSITIONS } from './payment.ts';

const allowed = new Map([
  ['pending authorized', 'processing'],
  ['pending declined', 'failed'],
  ['pending cancelled', 'cancelled'],
  ['processing captured', 'completed'],
  ['processing declined', 'failed'],
]);

const pairs = PAYMENT_STATUSES.flatMap((status) =>
  PAYMENT_TRANSITIONS.map((transition) => ({ status, transition })),
);

describe('state machine', () => {
  it.each(pairs)('$status × $event', ({ status, transition }) => {
    expect(after(status, transition)).toBe(allowed.get(`${status} ${transition}`) ?? null);
  });

  it('ends in completed, failed and cancelled, and nowhere else', () => {
    expect(PAYMENT_STATUSES.filter(isTerminal)).toEqual(['completed', 'failed', 'cancelled']);
  });
});
