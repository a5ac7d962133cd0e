import { ProblemError, UnreachableError } from '../../../../../shared/client/problem.ts';
import type { ErrorCode } from '../../../../../shared/contracts/errors.ts';
import { ERRORS } from '../../../../../shared/contracts/errors.ts';
import { keyAfter, keyFor, openKey } from './payment-key.ts';

const counter = (): (() => string) => {
  let made = 0;
  return () => `key-${++made}`;
};

const problem = (code: ErrorCode): ProblemError =>
  new ProblemError({
    type: code,
    title: code,
    status: ERRORS[code][0],
    detail: ERRORS[code][1],
    code,
    requestId: 'r',
  });

/** Sends the bodies in turn, each with its outcome, and returns the key of each attempt. */
const keysOf = (...tries: [body: string, error: unknown][]): string[] => {
  const fresh = counter();
  let state = openKey(fresh);
  return tries.map(([body, error]) => {
    state = keyFor(state, body, fresh);
    const used = state.key;
    state = keyAfter(state, body, error);
    return used;
  });
};

const LOST = new UnreachableError('lost');

describe('the idempotency key of a form', () => {
  it('stays the same after a lost answer, so that trying again cannot pay twice', () => {
    expect(keysOf(['a', LOST], ['a', problem('internal')], ['a', null])).toEqual(['key-1', 'key-1', 'key-1']);
  });

  it('stays the same while the first request is still running', () => {
    expect(keysOf(['a', problem('idempotency_in_progress')], ['a', null])).toEqual(['key-1', 'key-1']);
  });

  it('is renewed after a finished payment', () => {
    expect(keysOf(['a', null], ['a', null])).toEqual(['key-1', 'key-2']);
  });

  it('is renewed when the body changed after a definite refusal, and only then', () => {
    const refusal = problem('payee_unavailable');
    expect(keysOf(['a', refusal], ['a', refusal], ['b', null])).toEqual(['key-1', 'key-1', 'key-2']);
  });

  it('is renewed after a change while payments were stopped, and stays for a try in doubt', () => {
    const stopped = problem('payments_stopped');
    expect(keysOf(['a', stopped], ['a', stopped], ['b', null])).toEqual(['key-1', 'key-1', 'key-2']);
    expect(keysOf(['a', LOST], ['a', stopped], ['b', null])).toEqual(['key-1', 'key-1', 'key-1']);
  });

  it('is renewed when it was used for another body', () => {
    expect(keysOf(['a', problem('idempotency_key_reused')], ['a', null])).toEqual(['key-1', 'key-2']);
  });

  it('stays while a try is in doubt, even if the body changes and the change is refused', () => {
    const tries: [string, unknown][] = [
      ['a', LOST],
      ['b', problem('payee_unavailable')],
      ['c', problem('idempotency_key_reused')],
      ['c', null],
    ];
    expect(keysOf(...tries)).toEqual(['key-1', 'key-1', 'key-1', 'key-2']);
  });

  it('is free again when the body in doubt itself is refused', () => {
    const tries: [string, unknown][] = [
      ['a', LOST],
      ['a', problem('amount_over_limit')],
      ['b', null],
    ];
    expect(keysOf(...tries)).toEqual(['key-1', 'key-1', 'key-2']);
  });

  it.each(['rate_limited', 'unauthenticated'] as const)(
    'stays in doubt after %s, which is said before the key is looked at',
    (code) => {
      expect(keysOf(['a', LOST], ['a', problem(code)], ['b', null])).toEqual(['key-1', 'key-1', 'key-1']);
    },
  );
});
