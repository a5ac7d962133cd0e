import { PAYMENT_STATUSES } from '../../../shared/contracts/payments.ts';
import { after, isTerminal, PAYMENT_TRANSITIONS, retryDelayMs, stepAfter } from './payment.ts';

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

describe('steps', () => {
  it.each([
    ['pending', false, 'authorize'],
    ['processing', true, 'capture'],
    ['completed', true, 'done'],
    ['failed', true, 'done'],
    ['cancelled', false, 'done'],
    ['cancelled', true, 'void'],
  ] as const)('%s, processor asked: %s → %s', (status, asked, step) => {
    expect(stepAfter(status, asked)).toBe(step);
  });

  it('wait longer after each attempt, up to five seconds', () => {
    expect([1, 2, 3, 4, 5, 9].map(retryDelayMs)).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });
});
