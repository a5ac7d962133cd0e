import fc from 'fast-check';
import { judgeRefresh, REFRESH_GRACE_MS, type PresentedToken, type RefreshVerdict } from './refresh.ts';

const now = new Date('2026-11-23T09:30:00.000Z');
const ago = (ms: number): Date => new Date(now.getTime() - ms);
const fresh: PresentedToken = {
  expiresAt: ago(-1000),
  usedAt: null,
  successorUnused: false,
  sessionEndedAt: null,
  userStatus: 'active',
};
const used = (ms: number): PresentedToken => ({ ...fresh, usedAt: ago(ms), successorUnused: true });

const rows: [rule: string, token: PresentedToken, verdict: RefreshVerdict][] = [
  ['an unused token rotates', fresh, 'rotate'],
  ['a token is refused from the moment of its expiry', { ...fresh, expiresAt: now }, 'refused'],
  ['an expired token is refused', { ...fresh, expiresAt: ago(1) }, 'refused'],
  ['a token of an ended session is refused', { ...fresh, sessionEndedAt: ago(1) }, 'refused'],
  ['a used token of an ended session is refused', { ...used(1), sessionEndedAt: ago(1) }, 'refused'],
  ['a token of a suspended user is refused', { ...fresh, userStatus: 'suspended' }, 'refused'],
  ['a token of a deleted user is refused', { ...fresh, userStatus: 'deleted' }, 'refused'],
  ['a repeat of a suspended user is refused', { ...used(1), userStatus: 'suspended' }, 'refused'],
  ['a token used at this moment is repeated', used(0), 'repeat'],
  ['a token used within the grace period is repeated', used(REFRESH_GRACE_MS), 'repeat'],
  ['a token used four minutes ago by a phone that fell asleep is repeated', used(240_000), 'repeat'],
  ['a token used before the grace period is reused', used(REFRESH_GRACE_MS + 1), 'reused'],
  ['the use of the successor ends the grace period', { ...used(1), successorUnused: false }, 'reused'],
  [
    'a used token is reused even after its expiry',
    { ...used(REFRESH_GRACE_MS + 1), expiresAt: ago(1) },
    'reused',
  ],
];

describe('a refresh token', () => {
  it.each(rows)('%s', (_rule, token, verdict) => {
    expect(judgeRefresh(token, now)).toBe(verdict);
  });

  it('never rotates twice, whatever its other properties', () => {
    const instant = fc.integer({ min: -1e10, max: 1e10 }).map(ago);
    const token = fc.record({
      expiresAt: instant,
      usedAt: instant,
      successorUnused: fc.boolean(),
      sessionEndedAt: fc.option(instant),
      userStatus: fc.constantFrom('active' as const, 'suspended' as const, 'deleted' as const),
    });
    fc.assert(fc.property(token, (presented) => judgeRefresh(presented, now) !== 'rotate'));
  });
});
