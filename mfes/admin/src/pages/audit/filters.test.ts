import { FIRST_PAGE } from '../../../../../shared/client/page-history.ts';
import { auditActions } from '../../../../../shared/contracts/admin/audit.ts';
import {
  auditFiltersOf,
  filtersOf,
  listParamsOf,
  listPath,
  NO_FILTERS,
  problemsOf,
  showsAll,
} from './filters.ts';

const of = (query: string) => filtersOf(new URLSearchParams(query));

it('the address has what is set, and reads back the same', () => {
  const filters = {
    ...NO_FILTERS,
    person: 'vic@example.com',
    action: 'auth.user-suspended',
    from: '2026-11-01',
  };
  const path = listPath(filters, { cursor: 'c', page: 3 });
  expect(path).toBe(
    '/admin/audit?person=vic%40example.com&action=auth.user-suspended&from=2026-11-01&cursor=c&page=3',
  );
  expect(of(path.split('?')[1] ?? '')).toEqual(filters);
  expect(listPath(NO_FILTERS)).toBe('/admin/audit');
});

it('days are those of the reader’s time zone, the last one included', () => {
  const params = listParamsOf(of('from=2026-11-23&to=2026-11-23'), FIRST_PAGE);
  expect(params).toEqual({
    limit: 25,
    from: new Date(2026, 10, 23).toISOString(),
    to: new Date(2026, 10, 24).toISOString(),
  });
});

it.each([
  ['q=ab', { q: 'Type at least 3 characters.' }],
  ['person=a', { person: 'Type at least 2 characters.' }],
  ['from=2026-11-23&to=2026-11-22', { to: 'This is before “From day”, and not applied.' }],
])('%s has a problem and is not applied', (query, problems) => {
  expect(problemsOf(of(query))).toEqual(problems);
  expect(auditFiltersOf(of(query))).not.toHaveProperty(Object.keys(problems)[0] ?? '');
});

it('ignores days that do not exist, and has every filter of the contract', () => {
  expect(showsAll(of('from=2026-02-30&to=x&unknown=1'))).toBe(true);
  const inContract = Object.keys(auditActions.exportAuditCsv.params.shape).filter(
    (name) => name !== 'cursor',
  );
  expect(Object.keys(NO_FILTERS).sort()).toEqual(inContract.sort());
});
