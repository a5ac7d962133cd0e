import { filtersOf, idOf, letterPath, listParamsOf, listPath, NO_FILTERS } from './filters.ts';

const first = { cursor: '', page: 1 };
const inAddress = (query: string) => filtersOf(new URLSearchParams(query));

it('an address and its filters say the same', () => {
  const filters = { q: 'no disk', service: 'realtime', event: 'auth.user-changed' };
  expect(inAddress(listPath(filters).split('?')[1] ?? '')).toEqual(filters);
  expect(listPath(NO_FILTERS)).toBe('/admin/dead-letters');
});

it.each([
  ['', {}],
  ['q=x', {}],
  ['q=%20no%20disk%20', { q: 'no disk' }],
  ['service=auth&other=1', { service: 'auth' }],
])('the address ?%s asks for %j', (query, params) => {
  expect(listParamsOf(inAddress(query), first)).toEqual({ limit: 25, ...params });
});

it.each(['realtime:evt_1', 'realtime:a/b c%', 'auth:raw_0f'])('the path of %s leads back to it', (id) => {
  expect(idOf(letterPath(id))).toBe(id);
});
