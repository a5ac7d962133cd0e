import {
  decide,
  INTENT_STATUSES,
  isProblem,
  TAKEN_IN,
  type Command,
  type Intent,
  type IntentStatus,
} from './payment-intent.ts';

const now = new Date('2026-11-23T09:30:00Z');
const around = { now, pendingMs: 60_000, newChargeId: () => 'ch_1' };

const intentIn = (status: IntentStatus, more: Partial<Intent> = {}): Intent => ({
  id: 'pi_1',
  createdAt: now,
  status,
  amount: 1_000,
  amountReceived: 0,
  currency: 'eur',
  captureMethod: 'manual',
  paymentMethod: 'pm_card_visa',
  description: null,
  metadata: {},
  lastPaymentError: null,
  latestCharge: null,
  canceledAt: null,
  cancellationReason: null,
  settlesAt: status === 'processing' ? now : null,
  ...more,
});

const NEXT: Readonly<Record<Command['kind'], IntentStatus>> = {
  confirm: 'requires_capture',
  settle: 'requires_capture',
  capture: 'succeeded',
  cancel: 'canceled',
};
const COMMANDS = Object.keys(NEXT) as Command['kind'][];
const PAIRS = INTENT_STATUSES.flatMap((status) => COMMANDS.map((kind) => [status, kind] as const));

describe('every state and every command', () => {
  it.each(PAIRS)('%s, %s', (status, kind) => {
    const outcome = decide(intentIn(status), { kind }, around);
    if (!TAKEN_IN[kind].includes(status)) {
      expect(outcome).toMatchObject({ status: 400, code: 'payment_intent_unexpected_state' });
      return;
    }
    if (isProblem(outcome)) throw new Error(outcome.message);
    expect(outcome.intent.status).toBe(NEXT[kind]);
    expect(outcome.intent.settlesAt).toBeNull();
    expect(outcome.events).toHaveLength(1);
    expect(outcome.intent.latestCharge).toBe(kind === 'capture' ? 'ch_1' : null);
  });
});

describe('a bank', () => {
  const confirm = (paymentMethod: string, more: Partial<Intent> = {}) =>
    decide(intentIn('requires_confirmation', { paymentMethod, ...more }), { kind: 'confirm' }, around);

  it('that is slow leaves the payment processing until it answers', () => {
    expect(confirm('pm_card_pending')).toMatchObject({
      intent: { status: 'processing', settlesAt: new Date(now.getTime() + 60_000) },
      events: ['payment_intent.processing'],
    });
  });

  it('that declines removes the card and gives the reason', () => {
    expect(confirm('pm_card_chargeDeclined')).toMatchObject({
      intent: {
        status: 'requires_payment_method',
        paymentMethod: null,
        lastPaymentError: { declineCode: 'generic_decline' },
      },
      events: ['payment_intent.payment_failed'],
    });
  });

  it('that approves an automatic capture captures at once', () => {
    expect(confirm('pm_card_visa', { captureMethod: 'automatic' })).toMatchObject({
      intent: { status: 'succeeded', amountReceived: 1_000, latestCharge: 'ch_1' },
    });
  });

  it('refuses an unknown card', () => {
    expect(confirm('pm_nobody')).toMatchObject({ code: 'resource_missing', param: 'payment_method' });
  });
});

it('no more is captured than was authorized', () => {
  const outcome = decide(intentIn('requires_capture'), { kind: 'capture', amount: 1_001 }, around);
  expect(outcome).toMatchObject({ status: 400, param: 'amount_to_capture' });
});
