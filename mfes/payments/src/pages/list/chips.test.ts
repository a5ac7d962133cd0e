import { chipsOf } from './chips.ts';
import { ALL } from '../../lists.ts';
import { NO_FILTERS } from './filters.ts';
import type { Filters } from './filters.ts';

const READER = { locale: 'en-GB', today: '2026-03-01' };
const textsOf = (filters: Partial<Filters>): string[] =>
  chipsOf({ ...NO_FILTERS, ...filters }, READER).map(({ text }) => text);

describe('the chips of active filters', () => {
  it.each<[Partial<Filters>, string[]]>([
    [{}, []],
    [{ q: ' tea ', direction: 'sent' }, ['“tea”', 'Sent']],
    [{ from: '2026-02-23', to: '2026-03-01' }, ['Last 7 days']],
    [{ from: '2026-02-23', to: '' }, ['From 23 Feb 2026']],
    [{ from: '', to: '2026-02-23' }, ['Until 23 Feb 2026']],
    [{ currency: 'EUR', amountMin: '200' }, ['EUR', 'From €200.00']],
    [{ currency: 'EUR', amountMax: '300' }, ['EUR', 'Up to €300.00']],
    [{ currency: 'JPY', amountMin: '1', amountMax: '30' }, ['JPY', 'JP¥1 – JP¥30']],
    [{ status: 'failed', sort: 'amount' }, []],
  ])('of %j are %j', (filters, texts) => {
    expect(textsOf(filters)).toEqual(texts);
  });

  it('of two days name both', () => {
    expect(textsOf({ from: '2026-02-02', to: '2026-02-04' })[0]).toMatch(/2.*4 Feb 2026/);
  });

  it('of a person is the name, once it is known', () => {
    const filters: Filters = { ...NO_FILTERS, list: ALL, person: `usr_${'0'.repeat(32)}` };
    expect(chipsOf(filters, READER)[0]?.text).toBe('One person');
    expect(chipsOf(filters, { ...READER, person: 'Vera Vendor' })[0]?.text).toBe('Vera Vendor');
  });

  it('leave out what is not applied', () => {
    expect(textsOf({ amountMin: '5', q: 'ab' })).toEqual([]);
    expect(textsOf({ from: '2026-02-04', to: '2026-02-02' })).toEqual(['From 4 Feb 2026']);
    expect(textsOf({ currency: 'EUR', amountMin: '9', amountMax: '5' })).toEqual(['EUR', 'From €9.00']);
  });
});
