import fc from 'fast-check';
import {
  judgeAttempt,
  lockedMs,
  LOCKED_FROM,
  networkOf,
  scopesOf,
  scopesOfSession,
  wholeFailures,
  type Failures,
  type ScopeKind,
} from './lockout.ts';

const now = new Date('2026-11-23T09:30:00.000Z');
const at = (ms: number): Date => new Date(now.getTime() + ms);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const kinds = fc.constantFrom<ScopeKind>('account', 'address', 'device', 'session');
const none: Failures = { failures: 0, lastFailureAt: now, lockedUntil: null };

describe('failures', () => {
  it.each([
    ['account', 4, 0],
    ['account', 5, 1],
    ['account', 6, 2],
    ['account', 7, 4],
    ['account', 8, 8],
    ['account', 9, 15],
    ['account', 10, 15],
    ['account', 10_000, 15],
    ['device', 4, 0],
    ['device', 5, 1],
    ['device', 9, 15],
    ['address', 49, 0],
    ['address', 50, 1],
    ['address', 54, 15],
  ] as const)('lock an %s with %d failures for %d minutes', (kind, failures, minutes) => {
    expect(lockedMs(kind, failures)).toBe(minutes * MINUTE_MS);
  });

  const rows: [rule: string, current: Failures, verdict: string, failures: number, lockedForMs: number][] = [
    ['the first attempt is counted', none, 'counted', 1, 0],
    ['the fourth failure does not lock', { ...none, failures: 3 }, 'counted', 4, 0],
    ['the fifth failure locks for a minute', { ...none, failures: 4 }, 'counted', 5, MINUTE_MS],
    [
      'an attempt during a lockout is refused and not counted',
      { ...none, failures: 5, lockedUntil: at(1) },
      'refused',
      0,
      0,
    ],
    [
      'a lockout ends exactly at its time',
      { ...none, failures: 5, lockedUntil: now },
      'counted',
      6,
      2 * MINUTE_MS,
    ],
    [
      'one failure is forgiven after an hour',
      { failures: 4, lastFailureAt: at(-HOUR_MS), lockedUntil: null },
      'counted',
      4,
      0,
    ],
    [
      'a failure before that hour has passed locks',
      { failures: 4, lastFailureAt: at(1 - HOUR_MS), lockedUntil: null },
      'counted',
      5,
      MINUTE_MS,
    ],
    [
      'all failures are forgiven after some hours',
      { failures: 9, lastFailureAt: at(-9 * HOUR_MS), lockedUntil: at(-1) },
      'counted',
      1,
      0,
    ],
    [
      'a longer attack does not count for more',
      { failures: 9, lastFailureAt: at(-1), lockedUntil: at(-1) },
      'counted',
      9,
      15 * MINUTE_MS,
    ],
    [
      'a clock that is behind forgives nothing',
      { failures: 3, lastFailureAt: at(60_000), lockedUntil: null },
      'counted',
      4,
      0,
    ],
  ];
  it.each(rows)('%s', (_rule, current, verdict, failures, lockedForMs) => {
    const judged = judgeAttempt('account', current, now);
    expect(judged.verdict).toBe(verdict);
    if (judged.verdict === 'refused') return;
    const lockedUntil = lockedForMs ? at(lockedForMs) : null;
    expect({ ...judged.count, failures: wholeFailures(judged.count.failures) }).toEqual({
      failures,
      lastFailureAt: now,
      lockedUntil,
    });
  });

  it('give the remaining time in whole seconds, rounded up', () => {
    const locked = { ...none, failures: 5, lockedUntil: at(59_001) };
    expect(judgeAttempt('account', locked, now)).toEqual({ verdict: 'refused', retryAfterS: 60 });
  });

  it('allow no more guesses than the limit and one for each lockout, at any pace', () => {
    const pause = fc.oneof(
      fc.integer({ min: 0, max: 20 * MINUTE_MS }),
      fc.integer({ min: 0, max: 48 * HOUR_MS }),
    );
    const pauses = fc.array(pause, { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(kinds, pauses, (kind, given) => {
        let current = none;
        let timeMs = now.getTime();
        let guesses = 0;
        for (const pauseMs of given) {
          timeMs += pauseMs;
          const judged = judgeAttempt(kind, current, new Date(timeMs));
          if (judged.verdict === 'refused') continue;
          guesses += 1;
          current = judged.count;
          // Further attempts do not shorten a lockout.
          if (current.lockedUntil) expect(current.lockedUntil.getTime()).toBeGreaterThan(timeMs);
        }
        const passedMs = timeMs - now.getTime();
        const quarters = Math.ceil(passedMs / (15 * MINUTE_MS));
        // The four short lockouts last 1, 2, 4 and 8 minutes.
        return guesses <= LOCKED_FROM[kind] + 4 + quarters;
      }),
    );
  });
});

/** Makes failing attempts at these times; returns the number of lockouts and of guesses. */
const run = (kind: ScopeKind, timesMs: Iterable<number>): { lockouts: number; guesses: number } => {
  let current = none;
  let lockouts = 0;
  let guesses = 0;
  for (const timeMs of timesMs) {
    const judged = judgeAttempt(kind, current, at(timeMs));
    if (judged.verdict === 'refused') continue;
    guesses += 1;
    current = judged.count;
    if (current.lockedUntil) lockouts += 1;
  }
  return { lockouts, guesses };
};
const every = (stepMs: number, count: number) => Array.from({ length: count }, (_, n) => n * stepMs);

describe('over weeks', () => {
  it.each(['account', 'address', 'device', 'session'] as const)(
    'a typo every eight hours never locks an %s',
    (kind) => {
      expect(run(kind, every(8 * HOUR_MS, 180))).toEqual({ lockouts: 0, guesses: 180 });
    },
  );

  it('typos at random times, a few a day, never lock', () => {
    const gaps = fc.array(fc.integer({ min: 2 * HOUR_MS, max: 40 * HOUR_MS }), { maxLength: 100 });
    fc.assert(
      fc.property(kinds, gaps, (kind, given) => {
        let timeMs = 0;
        const times = given.map((gapMs) => (timeMs += gapMs));
        return run(kind, times).lockouts === 0;
      }),
    );
  });

  it.each([
    ['account', 110],
    ['address', 150],
  ] as const)('a guesser of an %s who never pauses gets at most %d guesses in a day', (kind, limit) => {
    expect(run(kind, every(10_000, 8_640)).guesses).toBeLessThanOrEqual(limit);
  });

  it('a scope recovers within hours of the end of an attack', () => {
    const attack = every(MINUTE_MS, 3 * 24 * 60);
    const afterwardsMs = (attack.at(-1) as number) + 6 * HOUR_MS;
    const before = run('account', attack);
    expect(run('account', [...attack, afterwardsMs])).toEqual({
      lockouts: before.lockouts,
      guesses: before.guesses + 1,
    });
  });
});

describe('an attempt', () => {
  const attempt = { email: 'Ada@Example.com', address: '203.0.113.7', device: null };
  it('counts for its account, regardless of case, and for its address', () => {
    expect(scopesOf(attempt)).toEqual([
      { kind: 'account', subject: 'ada@example.com' },
      { kind: 'address', subject: '203.0.113.7' },
    ]);
  });
  it('of a service counts for the account', () => {
    expect(scopesOf({ ...attempt, address: null })).toEqual([
      { kind: 'account', subject: 'ada@example.com' },
    ]);
  });
  it('from a known device counts for that device only', () => {
    expect(scopesOf({ ...attempt, device: 'ff00' })).toEqual([{ kind: 'device', subject: 'ff00' }]);
  });

  it('within a session counts for that session only', () => {
    expect(scopesOfSession('ses_1' as never)).toEqual([{ kind: 'session', subject: 'ses_1' }]);
  });

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('from %s counts for %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
