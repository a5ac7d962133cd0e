import fc from 'fast-check';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { CURRENCIES } from '../../../shared/contracts/currencies.ts';
import type { PaymentStatus } from '../../../shared/contracts/payments.ts';
import { after, PAYMENT_TRANSITIONS, type PaymentTransition } from './payment.ts';
import { MOVEMENT_NAMES, movementOf, postingsOf, type Account } from './ledger.ts';

const payee = 'usr_payee' as UserId;
const money = fc.record({
  amountMinor: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  currency: fc.constantFrom(...CURRENCIES),
});

const balances = (path: PaymentTransition[], amountMinor: number) => {
  const sums: Record<Account, number> = { processor_clearing: 0, payee_pending: 0, payee_available: 0 };
  for (const movement of ['opened' as const, ...path.map(movementOf)]) {
    if (!movement) continue;
    for (const posting of postingsOf(movement, { amountMinor, currency: 'EUR' }, payee)) {
      sums[posting.account] += posting.amountMinor;
    }
  }
  return sums;
};

describe('ledger', () => {
  it('balances every movement, in one currency', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MOVEMENT_NAMES), money, (movement, amount) => {
        const postings = postingsOf(movement, amount, payee);
        expect(postings.reduce((sum, posting) => sum + posting.amountMinor, 0)).toBe(0);
        expect(new Set(postings.map((posting) => posting.currency)).size).toBe(1);
      }),
    );
  });

  it('leaves nothing pending at the end of any path, and pays the payee only when completed', () => {
    const walk = fc.array(fc.constantFrom(...PAYMENT_TRANSITIONS), { maxLength: 8 });
    fc.assert(
      fc.property(walk, fc.integer({ min: 1, max: 1e9 }), (transitions, amountMinor) => {
        const path: PaymentTransition[] = [];
        let last: PaymentStatus = 'pending';
        for (const transition of transitions) {
          const next = after(last, transition);
          if (!next) continue;
          last = next;
          path.push(transition);
        }
        const sums = balances(path, amountMinor);
        const open = last === 'pending' || last === 'processing';
        expect(sums.payee_pending === 0).toBe(!open);
        expect(sums.payee_available).toBe(last === 'completed' ? -amountMinor : 0);
        expect(sums.processor_clearing).toBe(last === 'failed' || last === 'cancelled' ? 0 : amountMinor);
      }),
    );
  });
});
