import { CONTRACTS } from '../../../../../shared/contracts/all.ts';
import type { Action } from '../../../../../shared/contracts/contract.ts';
import { API_TASKS } from './admin-tasks.ts';

it('the overview names every route that only administrators may use, and no other', () => {
  const actions = CONTRACTS.flatMap((contract) => Object.values(contract.actions) as Action[]);
  const routes = actions.flatMap(({ permission, http }) =>
    http && Array.isArray(permission) && permission.every((role) => role === 'ADMIN') ? [http.route] : [],
  );
  expect(API_TASKS.flatMap(({ lines }) => lines).sort()).toEqual(routes.sort());
});
