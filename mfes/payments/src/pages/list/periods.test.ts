import { daysOf, periodOf } from './periods.ts';
import type { Period } from './periods.ts';

const TODAY = '2026-03-01';

const EXPECTED: [Exclude<Period, 'custom'>, string, string][] = [
  ['', '', ''],
  ['today', '2026-03-01', '2026-03-01'],
  ['week', '2026-02-23', '2026-03-01'],
  ['month', '2026-03-01', '2026-03-31'],
  ['lastMonth', '2026-02-01', '2026-02-28'],
];

describe('a period', () => {
  it.each(EXPECTED)('%j is from %j to %j', (period, from, to) => {
    expect(daysOf(period, TODAY)).toEqual({ from, to });
    expect(periodOf({ from, to }, TODAY)).toBe(period);
  });

  it('of other days is custom', () => {
    expect(periodOf({ from: '2026-02-02', to: '2026-02-03' }, TODAY)).toBe('custom');
    expect(periodOf({ from: '2026-02-02', to: '' }, TODAY)).toBe('custom');
  });

  it('reaches over the turn of the year', () => {
    expect(daysOf('lastMonth', '2026-01-31')).toEqual({ from: '2025-12-01', to: '2025-12-31' });
    expect(daysOf('week', '2026-01-03')).toEqual({ from: '2025-12-28', to: '2026-01-03' });
  });
});
