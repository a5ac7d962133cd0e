import {
  csvPath,
  daysOf,
  filtersOf,
  paramsOf,
  periodOf,
  PERIODS,
  reportPath,
  type Period,
} from './filters.ts';

const TODAY = '2026-03-31';
const read = (query: string) => filtersOf(new URLSearchParams(query), TODAY);

it('an address without filters is the last 30 days, by day', () => {
  expect(read('')).toMatchObject({ from: '2026-03-02', to: TODAY, group: 'day', currency: '', status: '' });
  expect(reportPath(read(''), TODAY)).toBe('/reports');
});

it('an address keeps its filters, and drops what is invalid', () => {
  const path = '/reports?from=2026-01-05&to=2026-02-01&group=week&currency=JPY&status=failed';
  expect(reportPath(read(path.split('?')[1] ?? ''), TODAY)).toBe(path);
  const odd = read('from=2026-02-30&to=yesterday&group=hour&currency=XXX&status=lost&payee=1');
  expect(odd).toEqual(read(''));
  expect(read('from=2026-03-01&to=2026-02-01')).toEqual(read(''));
});

it.each(Object.keys(PERIODS).filter((name) => name !== 'custom') as Exclude<Period, 'custom'>[])(
  'the days of the period %s are recognised',
  (period) => {
    expect(periodOf(daysOf(period, TODAY), TODAY)).toBe(period);
  },
);

it('months end where they end', () => {
  expect(daysOf('lastMonth', TODAY)).toEqual({ from: '2026-02-01', to: '2026-02-28' });
  expect(daysOf('year', TODAY)).toEqual({ from: '2025-04-01', to: TODAY });
});

it('the last day is included for people and not in the request', () => {
  expect(paramsOf(read('from=2026-03-01&to=2026-03-31'), 'Asia/Tokyo')).toEqual({
    ...{ from: '2026-03-01', to: '2026-04-01', group: 'day', timeZone: 'Asia/Tokyo' },
  });
  expect(csvPath(read('currency=EUR'), 'UTC')).toBe(
    '/api/reports/payments.csv?from=2026-03-02&to=2026-04-01&group=day&timeZone=UTC&currency=EUR',
  );
});
