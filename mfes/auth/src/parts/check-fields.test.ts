import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { passwordRules, problemsOf } from './check-fields.ts';

const unmet = (password: string) =>
  passwordRules(password)
    .filter(({ met }) => !met)
    .map(({ text }) => text);

describe('the rules beside a new password', () => {
  it('are those of the contract, all open while nothing is typed', () => {
    expect(unmet('')).toEqual([
      'At least 12 characters',
      'A lower-case letter',
      'An upper-case letter',
      'A digit',
      'A symbol',
    ]);
  });

  it.each([
    ['aaaaaaaaaaaa', ['An upper-case letter', 'A digit', 'A symbol']],
    ['aB3$', ['At least 12 characters']],
    ['TestPassword123!', []],
    ['Pässwörter 123', []],
  ])('tick one by one: %s', (password, open) => {
    expect(unmet(password)).toEqual(open);
  });
});

describe('what stands beside a field', () => {
  it('names a missing field as missing and a wrong one by the contract’s words', () => {
    expect(problemsOf(auth.actions.login.params, { email: 'ada@', password: '' })).toEqual({
      email: 'Must be an e-mail address.',
      password: 'Fill this in.',
    });
  });

  it('is nothing when the contract is content', () => {
    expect(problemsOf(auth.actions.login.params, { email: ' Ada@Example.com ', password: 'x' })).toEqual({});
  });
});
