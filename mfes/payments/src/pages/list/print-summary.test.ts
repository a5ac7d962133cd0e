import type { UserId } from '../../../../../shared/contracts/ids.ts';
import type { Payment } from '../../../../../shared/contracts/payments.ts';
import { NO_FILTERS } from './filters.ts';
import { summaryOf, totalsOf } from './print-summary.ts';

const [me, other] = ['usr_me', 'usr_other'] as unknown as UserId[];
const party = (id: UserId | undefined) => ({ id: id!, name: 'N', email: 'n@example.com' });

const payment = (
  change: Partial<Payment> & { from?: UserId | undefined; to?: UserId | undefined },
): Payment =>
  ({
    status: 'completed',
    amountMinor: 1_000,
    currency: 'EUR',
    payer: party(change.from ?? me),
    payee: party(change.to ?? other),
    ...change,
  }) as Payment;

describe('the sums of what moved', () => {
  test('stand apart by direction and currency, and leave out what did not move', () => {
    const items = [
      payment({}),
      payment({ amountMinor: 234 }),
      payment({ currency: 'JPY', amountMinor: 500 }),
      payment({ status: 'failed', amountMinor: 9_999 }),
      payment({ status: 'pending', amountMinor: 9_999 }),
      payment({ from: other, to: me, amountMinor: 50 }),
    ];
    expect(totalsOf(items, me, 'en-GB')).toEqual(['Sent €12.34 and JP¥500', 'Received €0.50']);
    expect(totalsOf(items.slice(0, 1), 'usr_admin', 'en-GB')).toEqual(['Paid €10.00']);
  });

  test('are exact, or say that they are larger than can be written exactly', () => {
    const most = payment({ amountMinor: Number.MAX_SAFE_INTEGER });
    expect(totalsOf([most], me, 'en-GB')).toEqual(['Sent €90,071,992,547,409.91']);
    expect(totalsOf([most, payment({ amountMinor: 1 })], me, 'en-GB')).toEqual([
      'Sent more than €90,071,992,547,409.91',
    ]);
  });
});

test('the summary names number, page, order and every filter', () => {
  const reader = { userId: me, person: undefined, locale: 'en-GB', today: '2026-11-23' };
  const filters = { ...NO_FILTERS, q: 'café', status: 'failed', currency: 'EUR', sort: 'createdAt' } as const;
  const items = [payment({ status: 'failed' }), payment({ status: 'failed' })];
  expect(summaryOf({ ...reader, items, filters, page: 2, hasNext: true })).toEqual([
    '2 payments, page 2, more follow. Oldest first.',
    'Only: Failed · “café” · EUR.',
  ]);
  expect(
    summaryOf({ ...reader, items: [payment({})], filters: NO_FILTERS, page: 1, hasNext: false }),
  ).toEqual([
    '1 payment. Newest first.',
    'All payments, without a filter.',
    'Completed on these sheets: Sent €10.00.',
  ]);
});
