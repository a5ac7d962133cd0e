import { judgeSignIn, type SignInVerdict } from './sign-in.ts';

const rows: [
  status: 'active' | 'suspended' | 'deleted' | null,
  passwordMatches: boolean,
  verdict: SignInVerdict,
][] = [
  ['active', true, 'accepted'],
  ['active', false, 'wrong_credentials'],
  ['suspended', true, 'account_suspended'],
  ['suspended', false, 'wrong_credentials'],
  ['deleted', true, 'wrong_credentials'],
  ['deleted', false, 'wrong_credentials'],
  [null, true, 'wrong_credentials'],
  [null, false, 'wrong_credentials'],
];

describe('a sign-in', () => {
  it.each(rows)('with user status %s and password match %s gives %s', (status, passwordMatches, verdict) => {
    expect(judgeSignIn(status && { status }, passwordMatches)).toBe(verdict);
  });
});
