import type { PaymentReport } from '../../../../../shared/contracts/payments/reports.ts';
import { paymentsIn, perDay, rateOf, reasonsIn } from './overview-texts.ts';

const sum = (count: number) => ({ count, amountMinor: count * 100 });
const EUR = { completed: sum(3), failed: sum(1) };
const JPY = { completed: sum(1), pending: sum(2) };
const report = {
  fromAt: '2026-11-01T00:00:00.000Z',
  toAt: '2026-11-03T00:00:00.000Z',
  currencies: [
    { currency: 'EUR', statuses: EUR, successRate: 0.75, averageMinor: 100 },
    { currency: 'JPY', statuses: JPY, successRate: 1, averageMinor: 100 },
  ],
  periods: [
    {
      day: '2026-11-01',
      sums: [
        { currency: 'EUR', statuses: EUR },
        { currency: 'JPY', statuses: JPY },
      ],
    },
    { day: '2026-11-02', sums: [] },
  ],
  failures: [
    { currency: 'EUR', code: 'expired_card', ...sum(1) },
    { currency: 'EUR', code: 'card_declined', ...sum(1) },
    { currency: 'JPY', code: 'card_declined', ...sum(1) },
  ],
} satisfies PaymentReport;

it('payments are counted over all currencies, and only those that ended have a rate', () => {
  expect(paymentsIn(report)).toBe(7);
  expect(rateOf(report)).toBeCloseTo(4 / 5);
  expect(rateOf({ ...report, currencies: [] })).toBeNull();
});

it('days without payments count none, and the most frequent reason comes first', () => {
  expect(perDay(report)).toEqual([
    { day: '2026-11-01', count: 7 },
    { day: '2026-11-02', count: 0 },
  ]);
  expect(reasonsIn(report)).toEqual([
    { code: 'card_declined', count: 2 },
    { code: 'expired_card', count: 1 },
  ]);
});
