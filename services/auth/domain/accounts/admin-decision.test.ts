import type { UserId } from '../../../../shared/contracts/ids.ts';
import { refusalOf, type DecisionRefusal } from './admin-decision.ts';

const [ada, bob, eve, carl] = ['usr_ada', 'usr_bob', 'usr_eve', 'usr_carl'] as unknown as UserId[] as [
  UserId,
  UserId,
  UserId,
  UserId,
];

const rows: [
  rule: string,
  by: UserId,
  about: UserId,
  takesRights: boolean,
  admins: UserId[],
  DecisionRefusal | null,
][] = [
  ['an administrator may decide about a customer', ada, carl, true, [ada, bob], null],
  ['an administrator may decide about another administrator', ada, bob, true, [ada, bob], null],
  ['the last administrator may decide about a customer', ada, carl, true, [ada], null],
  ['an administrator cannot take rights from themselves', ada, ada, true, [ada, bob], 'own_account'],
  ['the last administrator cannot take rights from themselves', ada, ada, true, [ada], 'own_account'],
  ['the last administrator cannot lose rights', bob, ada, true, [ada], 'last_admin'],
  ['a former administrator cannot take rights', eve, ada, true, [ada, bob], 'forbidden'],
  ['a former administrator cannot restore a user', eve, carl, false, [ada, bob], 'forbidden'],
  ['the last administrator may be given rights', ada, ada, false, [ada], null],
];

describe('the decision of an administrator', () => {
  it.each(rows)('%s', (_rule, by, about, takesRights, admins, refusal) => {
    expect(refusalOf({ by, about, takesRights, admins })).toBe(refusal);
  });
});
