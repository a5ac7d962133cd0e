import {
  decideCharge,
  decideRepeated,
  decideReversal,
  isKeyTrusted,
  retryDelayMs,
  stuckCode,
} from './operation.ts';
import type { Outcome } from './outcome.ts';

const intentId = 'pi_1';
const OUTCOMES = {
  authorized: { kind: 'authorized', intentId },
  pending: { kind: 'pending', intentId },
  captured: { kind: 'captured', intentId },
  partlyCaptured: { kind: 'captured', intentId, partial: true },
  voided: { kind: 'voided', intentId },
  refunded: { kind: 'refunded', intentId, refundId: 're_1' },
  refundPending: { kind: 'refund_pending', intentId },
  refundFailed: { kind: 'refund_failed', intentId, code: 'expired_or_canceled_card' },
  declined: { kind: 'declined', intentId, code: 'card_declined' },
  missing: { kind: 'missing' },
  asksThePayer: { kind: 'unexpected', intentId, status: 'requires_action' },
  unexpected: { kind: 'unexpected', intentId, status: 'requires_confirmation' },
  unavailable: { kind: 'unavailable', replayed500: false, cause: 'timeout' },
  replayed500: { kind: 'unavailable', replayed500: true, cause: 'api_error 500' },
} as const satisfies Record<string, Outcome>;
type Name = keyof typeof OUTCOMES;

const move = (transition: string) => ({ kind: 'transition', transition, reason: null, reverse: false });
const fail = (reason: string, reverse: boolean) => ({
  kind: 'transition',
  transition: 'declined',
  reason,
  reverse,
});
const wait = { kind: 'wait' };
const search = { kind: 'search' };
const again = (nextKey: boolean) => ({ kind: 'retry', nextKey });
const refused = (refusal: string | null, nextKey = true) => ({ kind: 'retry', nextKey, refusal });

/** Every outcome while authorizing, while capturing, and while giving money back. */
const TABLE: Readonly<Record<Name, readonly [authorizing: object, capturing: object, reversing: object]>> = {
  authorized: [move('authorized'), again(true), refused(null)],
  pending: [wait, again(true), refused(null)],
  captured: [move('authorized'), move('captured'), { kind: 'refund' }],
  partlyCaptured: [move('authorized'), fail('processor_error', true), { kind: 'refund' }],
  voided: [fail('voided', false), fail('voided', false), { kind: 'reversed' }],
  refunded: [fail('refunded', false), fail('refunded', false), { kind: 'reversed' }],
  refundPending: [fail('refunded', true), fail('refunded', true), wait],
  refundFailed: [fail('refunded', true), fail('refunded', true), refused('expired_or_canceled_card')],
  declined: [fail('card_declined', false), fail('card_declined', true), refused('card_declined')],
  missing: [
    fail('processor_error', true),
    fail('processor_error', true),
    refused('processor_intent_missing'),
  ],
  asksThePayer: [
    fail('authentication_required', true),
    fail('authentication_required', true),
    refused('requires_action'),
  ],
  unexpected: [
    fail('processor_error', true),
    fail('processor_error', true),
    refused('requires_confirmation'),
  ],
  unavailable: [again(false), again(false), refused(null, false)],
  replayed500: [search, again(false), refused(null)],
};
const ROWS = Object.entries(TABLE).map(([name, row]) => [name as Name, ...row] as const);

describe('every outcome', () => {
  it.each(ROWS)('%s', (name, authorizing, capturing, reversing) => {
    expect(decideCharge('pending', OUTCOMES[name])).toEqual(authorizing);
    expect(decideCharge('processing', OUTCOMES[name])).toEqual(capturing);
    expect(decideReversal(OUTCOMES[name])).toEqual(reversing);
  });

  it.each<[Name, object]>([
    ['authorized', { kind: 'reverse', intentId }],
    ['pending', { kind: 'reverse', intentId }],
    ['captured', { kind: 'reverse', intentId }],
    ['asksThePayer', { kind: 'reverse', intentId }],
    ['voided', { kind: 'absent' }],
    ['declined', { kind: 'absent' }],
    ['missing', search],
    ['replayed500', search],
    ['unavailable', { kind: 'retry' }],
  ])('%s of the authorization that a reversal repeats', (name, decision) => {
    expect(decideRepeated(OUTCOMES[name])).toEqual(decision);
  });
});

it('a key is trusted for less than the 24 hours after which the processor drops it', () => {
  const usedAt = new Date('2026-11-28T10:00:00Z');
  const after = (hours: number) => isKeyTrusted(usedAt, usedAt.getTime() + hours * 3_600_000);
  expect([-0.2, 0, 22.9].map(after)).toEqual([true, true, true]);
  // A clock that is hours ahead proves nothing.
  expect([-2, 23, 24].map(after)).toEqual([false, false, false]);
  expect(isKeyTrusted(null, 0)).toBe(false);
});

it('a charge waits up to five seconds for its next attempt, a reversal up to an hour', () => {
  const delays = (kind: 'charge' | 'reversal') =>
    [1, 2, 3, 4, 5, 9, 40].map((tries) => retryDelayMs(kind, tries));
  expect(delays('charge')).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  expect(delays('reversal')).toEqual([500, 1_000, 2_000, 4_000, 8_000, 128_000, 3_600_000]);
});

it.each<[string, Outcome, string | null, string | null, number, string | null]>([
  ['a refusal at once', OUTCOMES.declined, null, 'card_declined', 1, 'card_declined'],
  ['a known refusal during a timeout', OUTCOMES.unavailable, 'card_declined', null, 2, 'card_declined'],
  ['no answer, for a while', OUTCOMES.unavailable, null, null, 9, null],
  ['no answer, for long', OUTCOMES.unavailable, null, null, 10, 'processor_unavailable'],
  ['a refund that stays pending', OUTCOMES.refundPending, null, null, 10, 'refund_pending'],
])('a reversal is stuck: %s', (_name, outcome, known, refusal, attempts, code) => {
  expect(stuckCode(outcome, { known, refusal, attempts })).toBe(code);
});
