import { createPace } from './pace.ts';

/** A pace whose time the test turns by hand; chance gives its middle, so that delays are as named. */
const paced = ({ random = 0.5 } = {}) => {
  let nowMs = 0;
  const pace = createPace({ nowMs: () => nowMs, random: () => random });
  return { ...pace, pass: (ms: number) => (nowMs += ms) };
};

describe('the delay before the next socket', () => {
  it('doubles from 0.3 s to 5 s', () => {
    const { lost } = paced();
    expect([1, 2, 3, 4, 5, 6, 7].map(() => lost({}))).toEqual([300, 600, 1200, 2400, 4800, 5000, 5000]);
  });

  it('is up to half as much less or more, so that not all come back at once', () => {
    expect(paced({ random: 0 }).lost({})).toBe(150);
    expect(paced({ random: 1 }).lost({})).toBe(450);
  });

  it('is short again after a connection that lasted', () => {
    const { lost, welcomed, pass } = paced();
    for (let round = 0; round < 6; round++) lost({});
    welcomed();
    pass(500);
    expect(lost({})).toBe(5000);
    welcomed();
    pass(20_000);
    expect(lost({})).toBe(300);
  });

  it.each(['expired', 'access_changed', 'token_expired', 'unauthenticated', 'session_ended', 'revoked'])(
    'is none for %s, but does not become a tight loop',
    (code) => {
      const { lost, sessionInDoubt } = paced();
      expect(lost({ code })).toBe(0);
      expect(sessionInDoubt()).toBe(true);
      const delays = [1, 2, 3, 4].map(() => lost({ code }));
      expect(delays.filter((ms) => ms < 300)).toHaveLength(1);
    },
  );

  it('shows a sign-out without a long wait', () => {
    const { lost } = paced({ random: 1 });
    for (let round = 0; round < 9; round++) lost({});
    expect(lost({ code: 'revoked' })).toBe(450);
  });

  it('is long where another browser has taken the place, and grows to that where the server refuses', () => {
    const { lost } = paced();
    expect(lost({ code: 'replaced' })).toBe(60_000);
    const refused = Array.from({ length: 9 }, () => lost({ status: 429 }));
    expect(refused.at(-1)).toBe(60_000);
    expect(refused).toEqual([...refused].sort((a, b) => a - b));
  });
});

it('takes 401 of a handshake for a doubt about the session, and 503 for none', () => {
  const { lost, sessionInDoubt, sessionConfirmed } = paced();
  lost({ status: 503, code: 'xhr poll error' });
  expect(sessionInDoubt()).toBe(false);
  lost({ status: 401, code: 'xhr poll error' });
  expect(sessionInDoubt()).toBe(true);
  sessionConfirmed();
  expect(sessionInDoubt()).toBe(false);
});

it('hurries at most once a second', () => {
  const { attempted, mayHurry, pass } = paced();
  attempted();
  expect(mayHurry()).toBe(false);
  pass(1_000);
  expect(mayHurry()).toBe(true);
});

it('uses long polling after a WebSocket without an answer', () => {
  const { lost, pollingFirst } = paced();
  lost({});
  expect(pollingFirst()).toBe(false);
  lost({ silent: true });
  expect(pollingFirst()).toBe(true);
});
