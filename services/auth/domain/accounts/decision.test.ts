import type { UserId } from '../../../../shared/contracts/ids.ts';
import { judgeDecision, type DecisionRefusal } from './decision.ts';

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
  takes: boolean,
  admins: UserId[],
  DecisionRefusal | null,
][] = [
  ['an administrator decides about a customer', ada, carl, true, [ada, bob], null],
  ['an administrator decides about another one', ada, bob, true, [ada, bob], null],
  ['the last administrator decides about a customer', ada, carl, true, [ada], null],
  ['nobody takes rights from themselves', ada, ada, true, [ada, bob], 'own_account'],
  ['nobody takes rights from themselves, last or not', ada, ada, true, [ada], 'own_account'],
  ['the last one stays, whoever decides', bob, ada, true, [ada], 'last_admin'],
  ['who was demoted a moment ago decides nothing', eve, ada, true, [ada, bob], 'forbidden'],
  ['who was demoted a moment ago restores nobody', eve, carl, false, [ada, bob], 'forbidden'],
  ['giving takes nothing from the last one', ada, ada, false, [ada], null],
];

describe('a decision', () => {
  it.each(rows)('%s', (_rule, by, about, takes, admins, refusal) => {
    expect(judgeDecision({ by, about, takes, admins })).toBe(refusal);
  });
});
