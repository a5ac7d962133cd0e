import fc from 'fast-check';
import { judgeRefresh, REFRESH_GRACE_MS, type PresentedToken, type RefreshVerdict } from './session.ts';

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

const rows: [rule: string, token: PresentedToken | null, verdict: RefreshVerdict][] = [
  ['an unused token rotates', fresh, 'rotate'],
  ['an unknown token is refused', null, 'refused'],
  ['a token expires at its very time', { ...fresh, expiresAt: now }, 'refused'],
  ['an expired token is refused', { ...fresh, expiresAt: ago(1) }, 'refused'],
  ['an ended session gives nothing', { ...fresh, sessionEndedAt: ago(1) }, 'refused'],
  ['a used token of an ended session gives nothing', { ...used(1), sessionEndedAt: ago(1) }, 'refused'],
  ['a suspended user is refused', { ...fresh, userStatus: 'suspended' }, 'refused'],
  ['a deleted user is refused', { ...fresh, userStatus: 'deleted' }, 'refused'],
  ['a suspended user is refused a repeat', { ...used(1), userStatus: 'suspended' }, 'refused'],
  ['a token used a moment ago is answered again', used(0), 'repeat'],
  ['a token used within the grace is answered again', used(REFRESH_GRACE_MS), 'repeat'],
  ['a token used before the grace is a reuse', used(REFRESH_GRACE_MS + 1), 'reused'],
  ['the successor in use ends the grace', { ...used(1), successorUnused: false }, 'reused'],
  ['a used token is a reuse even past its expiry', { ...used(20_000), expiresAt: ago(1) }, 'reused'],
];

describe('a refresh token', () => {
  it.each(rows)('%s', (_rule, token, verdict) => {
    expect(judgeRefresh(token, now)).toBe(verdict);
  });

  it('rotates only once, whatever else is true of it', () => {
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
