import type { PaymentId, UserId } from '../../../../../shared/contracts/ids.ts';
import type { Payment, PaymentStatus } from '../../../../../shared/contracts/payments.ts';
import { newerOf, newsOf, replacedBy } from './merge-changes.ts';

const CARL = { id: 'usr_1' as UserId, name: 'Carl Customer', email: 'carl@example.com' };
const VERA = { id: 'usr_2' as UserId, name: 'Vera Vendor', email: 'vera@example.com' };

const payment = (id: string, version: number, status: PaymentStatus = 'pending'): Payment => ({
  id: id as PaymentId,
  status,
  version,
  amountMinor: 1_234,
  currency: 'EUR',
  payer: CARL,
  payee: VERA,
  paymentMethod: 'pm_card_visa',
  description: null,
  metadata: {},
  failure: null,
  createdAt: '2026-11-23T12:00:00.000Z',
  updatedAt: '2026-11-23T12:00:00.000Z',
});
const brief = (payments: Payment[]) => payments.map(({ id, version }) => `${id} ${version}`);

describe('a payment that was read again', () => {
  const known = [payment('a', 2), payment('b', 1), payment('c', 1)];

  it('takes its position when it is newer, and only then', () => {
    const read = [payment('c', 3), payment('a', 1), payment('x', 9)];
    expect(brief(replacedBy(known, read))).toEqual(['a 2', 'b 1', 'c 3']);
  });

  it('gives way to a newer one when a whole page was read that is older', () => {
    const read = [payment('n', 1), payment('a', 1), payment('b', 2)];
    expect(brief(newerOf(known, read))).toEqual(['n 1', 'a 2', 'b 2']);
  });
});

describe('what is said of a changed list', () => {
  const before = [payment('a', 1), payment('b', 1)];

  it('names the one that has changed, as its reader knows it', () => {
    const after = [payment('a', 2, 'completed'), payment('b', 1)];
    expect(newsOf(before, after, CARL.id)).toBe('Payment to Vera Vendor is now completed');
    expect(newsOf(before, after, VERA.id)).toBe('Payment from Carl Customer is now completed');
  });

  it('announces a new payment', () => {
    expect(newsOf(before, [payment('n', 1), ...before], VERA.id)).toBe(
      'New payment from Carl Customer, pending',
    );
  });

  it('counts several', () => {
    const after = [payment('n', 1), payment('a', 2, 'failed'), payment('b', 1)];
    expect(newsOf(before, after, CARL.id)).toBe('2 payments have changed');
  });

  it('is nothing where no status has changed', () => {
    expect(newsOf(before, [payment('a', 5), payment('b', 1)], CARL.id)).toBe('');
    expect(newsOf(before, [payment('b', 1)], CARL.id)).toBe('');
  });
});
