import { CONTRACTS } from './all.ts';

const routes = CONTRACTS.flatMap(({ actions }) => Object.values(actions)).filter(({ http }) => http);

test.each(routes.map((action) => [action.name, action] as const))('%s has limits', (_name, action) => {
  expect(action.limit?.perAddressPerMinute).toBeGreaterThan(0);
  if (action.permission === 'anyone') return;
  expect(action.limit?.perAccountPerMinute).toBeGreaterThan(0);
  // A single account never uses up the limit of an address, behind which others are.
  expect(action.limit?.perAddressPerMinute).toBeGreaterThan(action.limit?.perAccountPerMinute ?? 0);
});

test('actions without a route have none, and a sign-in none of the account that it names', () => {
  const actions = CONTRACTS.flatMap((contract) => Object.values(contract.actions));
  expect(actions.filter(({ http, limit }) => !http && limit)).toEqual([]);
  const named = routes.filter(({ permission }) => permission === 'anyone');
  expect(named.filter(({ limit }) => limit?.perAccountPerMinute)).toEqual([]);
});
