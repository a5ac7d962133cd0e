import { AppError, UnansweredError } from '../calls/errors.ts';
import { PoisonMessage } from './event-message.ts';
import { DEFAULT_WAIT_MS, isAway, RETRY_DELAYS_MS, verdictOf } from './retry.ts';

const coded = (code: string) => Object.assign(new Error('x'), { code });

describe('a dependency is away', () => {
  it.each([
    ['unavailable', new AppError('unavailable')],
    ['no answer to a call', new UnansweredError('unreachable')],
    ['timeout', new AppError('timeout')],
    ['a lost connection', coded('ECONNRESET')],
    ['a failed fetch', new TypeError('fetch failed', { cause: coded('ECONNREFUSED') })],
    ['no answer in time', new DOMException('too slow', 'TimeoutError')],
    ['status 503', Object.assign(new Error('x'), { statusCode: 503 })],
  ])('%s', (_name, error) => expect(isAway(error)).toBe(true));

  it.each([
    ['a bug', new TypeError('x is not a function')],
    ['an error of the caller', new AppError('payment_not_found')],
    ['an internal error', new AppError('internal')],
    ['a message that cannot be read', new PoisonMessage('not JSON')],
    ['status 500', Object.assign(new Error('x'), { status: 500 })],
    ['text', 'ECONNRESET'],
    ['nothing', undefined],
  ])('not: %s', (_name, error) => expect(isAway(error)).toBe(false));

  it('causes that form a circle end', () => {
    const circular = new Error('x');
    circular.cause = circular;
    expect(isAway(circular)).toBe(false);
  });
});

describe('after a failed attempt an event', () => {
  const nowMs = 1_700_000_000_000;
  const verdict = (error: unknown, attempts: number, waitedMs: number) =>
    verdictOf(error, { attempts, firstFailedAtMs: nowMs - waitedMs }, nowMs, DEFAULT_WAIT_MS);
  const away = new AppError('unavailable');

  it('is retried after growing delays, and dead after the fifth', () => {
    const verdicts = [0, 1, 2, 3, 4].map((attempts) => verdict(new Error('bug'), attempts, 0));
    expect(verdicts).toEqual([
      ...[1, 2, 3, 4].map((delay) => ({ kind: 'retry', attempts: delay, delay })),
      { kind: 'dead', attempts: 5, delay: 0 },
    ]);
  });

  it('waits for a dependency without counting, about as long again as it has waited', () => {
    const delays = [0, 199, 200, 800, 5_000, 60_000, 23 * 3_600_000].map((waitedMs) => {
      const { kind, attempts, delay } = verdict(away, 4, waitedMs);
      expect([kind, attempts]).toEqual(['wait', 4]);
      return RETRY_DELAYS_MS[delay - 1];
    });
    expect(delays).toEqual([200, 200, 200, 800, 3_200, 51_200, 51_200]);
  });

  it('is dead when its dependency was away for longer than configured', () => {
    expect(verdict(away, 0, DEFAULT_WAIT_MS)).toEqual({ kind: 'dead', attempts: 1, delay: 0 });
  });

  it('is dead at once when it cannot be read', () => {
    expect(verdict(new PoisonMessage('not JSON'), 0, 0)).toMatchObject({ kind: 'dead', attempts: 1 });
  });
});
