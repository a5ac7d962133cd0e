import { nextOf, withNext } from './return-path.ts';

describe('where to go after signing in', () => {
  it('is the next of the query, with its own query', () => {
    expect(nextOf('/sign-in?next=%2Fpayments%3Fstatus%3Dfailed')).toBe('/payments?status=failed');
  });

  it.each([
    ['nothing', '/sign-in'],
    ['another site', '/sign-in?next=https%3A%2F%2Fevil.example'],
    ['another site without a scheme', '/sign-in?next=%2F%2Fevil.example'],
    ['another site behind a backslash', '/sign-in?next=%2F%5Cevil.example'],
    ['another site behind a tab', '/sign-in?next=%2F%09%2Fevil.example'],
    ['another site behind a dot segment', '/sign-in?next=%2F.%2F%2Fevil.example'],
    ['a script', '/sign-in?next=javascript%3Aalert(1)'],
    ['the sign-in page itself', '/sign-in?next=%2Fsign-in'],
  ])('is home when next is %s', (_, path) => {
    expect(nextOf(path)).toBe('/');
  });

  it('survives the change between sign in and sign up', () => {
    expect(withNext('/sign-up', '/sign-in?next=%2Fpayments')).toBe('/sign-up?next=%2Fpayments');
    expect(withNext('/sign-up', '/sign-in')).toBe('/sign-up');
  });
});
