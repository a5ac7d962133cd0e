import { positionOf } from '../../../../../shared/client/page-history.ts';
import {
  activeFilters,
  cleared,
  filtersOf,
  listParamsOf,
  listPath,
  NO_FILTERS,
  problemsOf,
  showsAll,
  without,
} from './filters.ts';
import type { Filters } from './filters.ts';

const searchOf = (path: string): URLSearchParams => new URL(path, 'http://localhost').searchParams;

const FULL: Filters = {
  list: '/payments',
  q: 'rent & more',
  direction: 'sent',
  status: 'failed',
  currency: 'JPY',
  from: '2026-01-02',
  to: '2026-02-03',
  amountMin: '100',
  amountMax: '2000',
  person: '',
  sort: 'amount',
};

describe('the list’s address', () => {
  it('gives back every filter that was put in', () => {
    expect(filtersOf(searchOf(listPath(FULL)))).toEqual(FULL);
  });

  it('is another one for the payments of all users, and may name a person', () => {
    const all: Filters = { ...FULL, list: '/admin/payments', person: `usr_${'0'.repeat(32)}` };
    expect(listPath(all)).toMatch(/^\/admin\/payments\?/);
    expect(filtersOf(searchOf(listPath(all)), '/admin/payments')).toEqual(all);
    expect(listParamsOf(all)).toMatchObject({ person: all.person, direction: 'sent' });
    expect(filtersOf(searchOf(listPath(all)))).toEqual({ ...all, list: '/payments', person: '' });
    expect(without(all, 'person')).toMatchObject({ person: '', direction: '' });
    expect(listPath(cleared(all))).toBe('/admin/payments?sort=amount'.replace('?sort=amount', ''));
  });

  it('is bare when nothing is set', () => {
    expect(listPath(NO_FILTERS)).toBe('/payments');
    expect(filtersOf(searchOf('/payments'))).toEqual(NO_FILTERS);
  });

  it('carries the page and its cursor', () => {
    const position = { cursor: 'abc+/=', page: 3 };
    expect(positionOf(searchOf(listPath(FULL, position)))).toEqual(position);
  });

  it('without a cursor is the first page, whatever number it names', () => {
    expect(positionOf(searchOf('/payments?page=7'))).toEqual({ cursor: '', page: 1 });
  });

  it.each([
    'status=paid',
    'currency=eur',
    'direction=up',
    'sort=name',
    'from=2026-13-40',
    'from=2026-02-30',
    'to=soon',
    'amountMin=5',
  ])('ignores what it does not understand: %s', (query) => {
    expect(filtersOf(searchOf(`/payments?${query}`))).toEqual(NO_FILTERS);
  });
});

it('a search that is too long is cut between two characters', () => {
  const q = `${'x'.repeat(99)}\u{1f600}`;
  expect(filtersOf(new URLSearchParams({ q })).q).toBe('x'.repeat(99));
});

describe('an amount in the address', () => {
  const amountIn = (query: string): string => filtersOf(searchOf(`/payments?${query}`)).amountMin;

  it('is in plain decimals of the currency, for readers of every locale', () => {
    expect(amountIn('currency=EUR&amountMin=1234.5')).toBe('1234.5');
    expect(amountIn('currency=BGN&amountMin=5')).toBe('5');
  });

  it.each(['1,5', '1.234', '-1', '0', 'x', '1.234,50'])('is ignored where it is not: %s', (text) => {
    expect(amountIn(`currency=EUR&amountMin=${text}`)).toBe('');
  });
});

describe('what the server is asked for', () => {
  it('holds only what is set', () => {
    expect(listParamsOf(NO_FILTERS)).toEqual({ limit: 25, sort: '-createdAt' });
  });

  it('takes the last day in whole, in the reader’s own time zone', () => {
    const params = listParamsOf({ ...NO_FILTERS, from: '2026-03-31', to: '2026-03-31' });
    expect(params.from).toBe(new Date(2026, 2, 31).toISOString());
    expect(params.to).toBe(new Date(2026, 3, 1).toISOString());
  });

  it('takes a day of the first years for what it says', () => {
    const params = listParamsOf({ ...NO_FILTERS, from: '0026-03-31' });
    expect(new Date(params.from ?? '').getFullYear()).toBe(26);
  });

  it('has amounts in minor units of the chosen currency', () => {
    const amounts = { amountMin: '1.5', amountMax: '20' };
    expect(listParamsOf({ ...NO_FILTERS, ...amounts, currency: 'KWD' })).toMatchObject({
      amountMin: 1500,
      amountMax: 20000,
    });
  });

  it('leaves out an amount without a currency, a search too short and a last day before the first', () => {
    const wrong = { ...NO_FILTERS, amountMin: '5', q: 'ab', from: '2026-02-02', to: '2026-02-01' };
    expect(Object.keys(listParamsOf(wrong)).sort()).toEqual(['from', 'limit', 'sort']);
    expect(Object.keys(problemsOf(wrong)).sort()).toEqual(['q', 'to']);
  });

  it('orders by amount within one currency only', () => {
    const byAmount: Filters = { ...NO_FILTERS, sort: '-amount' };
    expect(listParamsOf(byAmount).sort).toBe('-createdAt');
    expect(problemsOf(byAmount)).toEqual({ sort: expect.stringContaining('Needs a currency.') as string });
    expect(listParamsOf({ ...byAmount, currency: 'EUR' }).sort).toBe('-amount');
    expect(problemsOf({ ...byAmount, currency: 'EUR' })).toEqual({});
  });

  it('leaves out a largest amount under the smallest', () => {
    const wrong: Filters = { ...NO_FILTERS, currency: 'EUR', amountMin: '5', amountMax: '4.99' };
    expect(Object.keys(problemsOf(wrong))).toEqual(['amountMax']);
    expect(listParamsOf(wrong)).not.toHaveProperty('amountMax');
  });
});

describe('the active filters', () => {
  it('are those that narrow the list; the order does not, and the status has tabs', () => {
    expect(activeFilters(FULL)).toEqual(['q', 'direction', 'days', 'currency', 'amounts']);
    expect(activeFilters({ ...NO_FILTERS, status: 'failed', sort: 'amount' })).toEqual([]);
  });

  it.each<[string, Partial<Filters>]>([
    ['an amount without a currency', { amountMin: '5' }],
    ['an amount that is none', { amountMin: 'x' }],
    ['a search that is too short', { q: 'ab' }],
  ])('are not %s, which is not applied', (_what, filters) => {
    expect(activeFilters({ ...NO_FILTERS, ...filters })).toEqual([]);
    expect(showsAll({ ...NO_FILTERS, ...filters })).toBe(true);
  });

  it('are removed one by one; amounts leave with their currency', () => {
    const named = activeFilters(FULL);
    for (const name of named) {
      const gone = name === 'currency' ? ['currency', 'amounts'] : [name];
      expect(activeFilters(without(FULL, name))).toEqual(named.filter((one) => !gone.includes(one)));
    }
  });

  it('are all cleared at once, and the order stays unless it needs one of them', () => {
    expect(cleared({ ...FULL, sort: 'status' })).toEqual({ ...NO_FILTERS, sort: 'status' });
    expect(cleared({ ...FULL, sort: 'amount' })).toEqual(NO_FILTERS);
    expect(without({ ...FULL, sort: '-amount' }, 'currency').sort).toBe('-createdAt');
    expect(without({ ...FULL, sort: '-amount' }, 'days').sort).toBe('-amount');
  });
});
