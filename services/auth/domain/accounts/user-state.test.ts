import type { UserState } from '../../../../shared/contracts/auth/fields.ts';
import type { UserStatus } from '../../../../shared/contracts/roles.ts';
import { publicStatus, stateOf, type PasswordState } from './user-state.ts';

const rows: [UserStatus, PasswordState, state: UserState, toOthers: UserStatus][] = [
  ['active', 'set', 'active', 'active'],
  ['active', 'reset', 'active', 'active'],
  ['active', 'invited', 'invited', 'suspended'],
  ['suspended', 'set', 'suspended', 'suspended'],
  ['suspended', 'reset', 'suspended', 'suspended'],
  ['suspended', 'invited', 'suspended', 'suspended'],
  ['deleted', 'set', 'closed', 'deleted'],
  ['deleted', 'invited', 'closed', 'deleted'],
];

it.each(rows)('a user that is %s with the password %s is %s, and %s to others', (...row) => {
  const [status, passwordState, state, toOthers] = row;
  expect(stateOf({ status, passwordState })).toBe(state);
  expect(publicStatus({ status, passwordState })).toBe(toOthers);
});
