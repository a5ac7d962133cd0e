import { aToken, given, kindsOf, nobody, rowsIn } from '../testing/source-rows.ts';
import { refreshTokens } from './refresh-tokens.ts';

const map = (over: Parameters<typeof aToken>[0], context = given()) =>
  refreshTokens.map(aToken(over), context);

it('a token becomes a session with its hash', () => {
  const mapped = map({});
  const [session] = rowsIn(mapped, 'sessions');
  expect(session).toMatchObject({
    ...{ id: expect.stringMatching(/^ses_[0-9a-f]{32}$/), user_id: expect.stringMatching(/^usr_/) },
    ...{ started_at: aToken().created_at, expires_at: aToken().expires_at, kind: 'program' },
  });
  expect(rowsIn(mapped, 'refresh_tokens')).toEqual([
    {
      ...{ hash: `\\x${'ab'.repeat(32)}`, session_id: session?.['id'] },
      ...{ issued_at: aToken().created_at, expires_at: aToken().expires_at },
    },
  ]);
  expect(mapped.irregularities).toEqual([]);
});

it('a token that has expired is left behind', () => {
  const mapped = map({ expires_at: '2026-11-30T00:00:00.000Z' });
  expect(mapped.rows).toEqual([]);
  expect(kindsOf(mapped)).toEqual(['token_expired mapped']);
});

it('no token lives for longer than one of ours', () => {
  const mapped = map({ expires_at: '2036-01-01T00:00:00.000Z' });
  expect(rowsIn(mapped, 'sessions')[0]?.['expires_at']).toBe('2026-12-30T00:00:00.000Z');
  expect(kindsOf(mapped)).toEqual(['token_lifetime mapped']);
});

it.each([
  ['token_long', { length: '1001' }],
  ['user_missing', nobody('user')],
  ['user_refused', { user_email: 'nonsense' }],
  ['time_unusable', { created_at: null }],
])('a token is refused: %s', (kind, over) => {
  expect(kindsOf(map(over))).toEqual([`${kind} refused`]);
  expect(map(over).rows).toEqual([]);
});
