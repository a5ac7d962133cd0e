import { judgeSignIn, type SignInVerdict } from './sign-in.ts';

const rows: [status: 'active' | 'suspended' | 'deleted' | null, right: boolean, verdict: SignInVerdict][] = [
  ['active', true, 'welcome'],
  ['active', false, 'wrong_credentials'],
  ['suspended', true, 'account_suspended'],
  ['suspended', false, 'wrong_credentials'],
  ['deleted', true, 'wrong_credentials'],
  ['deleted', false, 'wrong_credentials'],
  [null, true, 'wrong_credentials'],
  [null, false, 'wrong_credentials'],
];

describe('a sign-in', () => {
  it.each(rows)('of a user who is %s with the password right %s is %s', (status, right, verdict) => {
    expect(judgeSignIn(status && { status }, right)).toBe(verdict);
  });
});
